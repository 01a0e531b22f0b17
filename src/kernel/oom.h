// Out of memory: the machine's limit is reached and a page cannot be had (mm/oom_kill.c).
#pragma once

#include "norn/machine.h"

namespace norn {

/// Points for being chosen: pages in memory, and 1/1000 of all memory for each point of oom_score_adj. Never
/// chosen: none.
[[nodiscard]] uint64_t oom_badness(const Machine& m, SignalId group);
/// Kills the worst, with all that share its memory, unless somebody is on the way out already. `self` is who
/// could not get a page. What that takes, in system time: looking at thousands of processes is not free.
uint64_t out_of_memory(Machine& m, TaskId self);

/// The kernel's own records take more than half as much as the machine's memory, to which they do not count.
[[nodiscard]] bool kernel_memory_full(const Machine& m);

}  // namespace norn
