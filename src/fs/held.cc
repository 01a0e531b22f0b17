#include "fs/held.h"

#include "kernel/wait_queue.h"

namespace norn {

FileId held_file(const Machine& m, TaskId task)
{
    if (!resuming(m, task) || !m[task].kept) return {};
    switch (m[task].orig_rax) {
        case 0:    // read
        case 1:    // write
        case 17:   // pread64
        case 18:   // pwrite64
        case 19:   // readv
        case 20:   // writev
        case 44:   // sendto
        case 45:   // recvfrom
        case 46:   // sendmsg
        case 47:   // recvmsg
        case 278:  // vmsplice
        case 295:  // preadv
        case 296:  // pwritev
        case 327:  // preadv2
        case 328:  // pwritev2
            return kept<IoKept>(m, task).file;
        case 2:    // open
        case 85:   // creat
        case 257:  // openat
        case 437:  // openat2
            return kept<FifoWait>(m, task).file;
        case 72:  // fcntl
        case 73:  // flock
            return kept<LockWait>(m, task).file;
        case 232:  // epoll_wait
        case 281:  // epoll_pwait
        case 441:  // epoll_pwait2
            return kept<EpollKept>(m, task).epoll;
        default:
            return {};
    }
}

}  // namespace norn
