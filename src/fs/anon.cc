// What the files without a place have in common.
#include "fs/abi.h"
#include "fs/eventfd.h"
#include "fs/inode.h"
#include "kernel/pid.h"
#include "kernel/pidfd.h"
#include "kernel/signal.h"
#include "kernel/wait_queue.h"

namespace norn {

FileId new_anon_file(Machine& m, FileKind kind, uint32_t flags)
{
    constexpr uint32_t anon_minor = 15;
    const InodeId inode = new_inode(m, FsKind::anon, InodeKind::anon, 0600, make_dev(0, anon_minor));
    return new_file(m, kind, inode, Path{}, flags);
}

Result<int> install_anon_file(Machine& m, TaskId self, FileId file, bool cloexec)
{
    const auto fd = install_fd(m, self, file, 0, cloexec);
    if (!fd.ok()) put_file(m, file);
    return fd;
}

uint32_t event_ready(const Machine& m, TaskId self, FileId file)
{
    const File& asked = m[file];
    constexpr uint32_t readable = poll_in | poll_rdnorm;
    switch (asked.kind) {
        case FileKind::eventfd: {
            uint32_t ready = 0;
            if (asked.value > 0) ready |= poll_in;
            if (asked.value == ~0ull) ready |= poll_err;
            if (asked.value < ~0ull - 1) ready |= poll_out;
            return ready;
        }
        case FileKind::timerfd:
            return asked.value > 0 ? uint32_t{poll_in} : 0;
        case FileKind::signalfd:
            return pending_signals(m, self) & asked.value ? uint32_t{poll_in} : 0;
        case FileKind::pidfd:
            if (!m[asked.pid].task) return readable | poll_hup;
            return pidfd_ended(m, asked.pid) ? readable : 0;
        default:
            return 0;
    }
}

void event_queues(const Machine& m, TaskId self, FileId file, PollQueues& queues)
{
    switch (m[file].kind) {
        case FileKind::signalfd:
            queues.add(queue_of(QueueKind::signal, self.raw));
            break;
        case FileKind::pidfd:
            queues.add(queue_of(QueueKind::pidfd, m[file].pid.raw));
            break;
        default:
            queues.add(queue_of(QueueKind::event, file.raw));
            break;
    }
}

void event_release(Machine& m, FileId file)
{
    if (m[file].kind == FileKind::timerfd) timerfd_release(m, file);
    if (m[file].kind == FileKind::pidfd) put_pid(m, m[file].pid);
    wake_up_all(m, queue_of(QueueKind::event, file.raw));
}

}  // namespace norn
