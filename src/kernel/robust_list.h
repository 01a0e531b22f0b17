// Lists of locks that a thread may die with (set_robust_list(2)).
#pragma once

#include "norn/machine.h"
#include "norn/result.h"
#include "norn/user_ptr.h"

namespace norn {

/// The task gives up its memory: the locks on its list learn that their owner died.
void exit_robust_list(Machine& m, TaskId self);

struct RobustListHead {
    uint64_t next = 0;
    int64_t futex_offset = 0;
    uint64_t pending = 0;
};

Result<> sys_set_robust_list(Machine& m, TaskId self, uint64_t head, uint64_t length);
Result<> sys_get_robust_list(Machine& m, TaskId self, int pid, UserPtr<uint64_t> head,
                             UserPtr<uint64_t> length);

}  // namespace norn
