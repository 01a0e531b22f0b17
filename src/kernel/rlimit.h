// Resource limits (getrlimit(2)).
#pragma once

#include <array>

#include "norn/task.h"

namespace norn {

enum Resource : int {
    RLIMIT_CPU = 0,
    RLIMIT_FSIZE = 1,
    RLIMIT_DATA = 2,
    RLIMIT_STACK = 3,
    RLIMIT_CORE = 4,
    RLIMIT_RSS = 5,
    RLIMIT_NPROC = 6,
    RLIMIT_NOFILE = 7,
    RLIMIT_MEMLOCK = 8,
    RLIMIT_AS = 9,
    RLIMIT_LOCKS = 10,
    RLIMIT_SIGPENDING = 11,
    RLIMIT_MSGQUEUE = 12,
    RLIMIT_NICE = 13,
    RLIMIT_RTPRIO = 14,
    RLIMIT_RTTIME = 15,
    rlimit_count = 16,
};

/// The limits of a machine's first process: the same on every host.
[[nodiscard]] std::array<RLimit, rlimit_count> initial_rlimits();

}  // namespace norn
