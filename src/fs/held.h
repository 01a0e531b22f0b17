// What sleeping calls on files keep, and the file they hold meanwhile.
#pragma once

#include "norn/machine.h"

namespace norn {

/// What a read or write keeps while it sleeps: handlers keep this, or nothing; the caller adds the file.
struct IoKept {
    uint64_t done = 0;  ///< bytes already moved
    FileId file;        ///< held
    uint32_t unused = 0;
    uint64_t deadline_ns = never;  ///< of a socket with a timeout
};

/// What open keeps while it waits for the other end of a FIFO.
struct FifoWait {
    FileId file;           ///< held
    uint32_t counter = 0;  ///< opens of the other end when we began to wait
};

/// What flock and F_SETLKW keep.
struct LockWait {
    FileId file;           ///< held
    FileLockId requested;  ///< record locks: what is asked for
};

/// What epoll_wait keeps.
struct EpollKept {
    uint64_t deadline_ns = never;
    FileId epoll;  ///< held
    uint32_t unused = 0;
};

/// The file that a task holds while its call sleeps; none if it does not, or holds none.
[[nodiscard]] FileId held_file(const Machine& m, TaskId task);

}  // namespace norn
