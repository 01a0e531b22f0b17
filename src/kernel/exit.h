// The end of tasks.
#pragma once

#include "norn/machine.h"

namespace norn {

/// This thread ends; `code` as wait4 gives it. The task is a zombie afterwards, or gone.
void do_exit(Machine& m, TaskId self, int code);
/// The whole group ends: the others are killed, this thread ends. An end that began before wins.
void do_group_exit(Machine& m, TaskId self, int code);
/// A dead task leaves every list and is freed; if that makes its zombie leader the last of the group,
/// the parent is told (and may reap it here as well).
void release_task(Machine& m, TaskId task);

/// SIGCHLD for a group that stopped or went on (`why`: CLD_STOPPED, CLD_CONTINUED), and a wake-up for wait.
void notify_parent_stopped(Machine& m, TaskId task, int why);
/// Lets a vfork parent go on.
void complete_vfork(Machine& m, TaskId child);
/// The task gives up its memory (exit, exec): robust futexes, the cleared tid, a vfork parent.
void release_mm(Machine& m, TaskId self);

/// CPU time of a whole group, threads that are gone included.
struct CpuTimes {
    uint64_t user_ns = 0, system_ns = 0;
};
[[nodiscard]] CpuTimes group_times(const Machine& m, SignalId signal);

}  // namespace norn
