// Which task runs next. A simulated processor takes the runnable task with the least virtual runtime
// (sched(7): nice weights; FIFO and RR before all others); the Decider may take another.
#pragma once

#include "norn/machine.h"

namespace norn {

/// Makes a task runnable (it must be in no wait queue).
void enqueue_task(Machine& m, TaskId task);
/// Takes a runnable task off the queue (it runs, sleeps, stops or ends).
void dequeue_task(Machine& m, TaskId task);
/// The runnable task with the least virtual deadline; none when nothing can run.
[[nodiscard]] TaskId peek_task(const Machine& m);
/// Asks the Decider; counts the asking task's choices.
[[nodiscard]] uint64_t choose(Machine& m, TaskId asking, ChoiceKind kind, uint64_t options);

}  // namespace norn
