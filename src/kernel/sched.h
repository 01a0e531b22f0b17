// Which task runs next (sched(7)).
//
// The run queue holds the tasks that could run but have no processor. FIFO and RR come first, by priority
// and then in order of arrival; all others by virtual runtime: processor time divided by the weight of
// their nice value. The Decider may take another than the first.
//
//  R1  A task is on the run queue, or some processor's `current`, or does not run at all.
//  R2  `m.state.runnable` counts the run queue.
#pragma once

#include <vector>

#include "norn/machine.h"

namespace norn {

/// Policies of sched(7).
enum SchedPolicy : uint8_t {
    sched_other = 0,
    sched_fifo = 1,
    sched_rr = 2,
    sched_batch = 3,
    sched_idle = 5,
    sched_deadline = 6,
};

/// Makes a task runnable (it must be in no wait queue).
void enqueue_task(Machine& m, TaskId task);
/// Takes a task off the run queue, if it is there.
void dequeue_task(Machine& m, TaskId task);
/// The first of the run queue; none when nothing waits for a processor.
[[nodiscard]] TaskId peek_task(const Machine& m);
/// The first of those that may run on `cpu`.
[[nodiscard]] TaskId peek_task_for(const Machine& m, uint32_t cpu);
/// Takes the `n`-th task, counted from 0, of those that may run on `cpu` off the queue; the last one if
/// there are not that many; none if there is none.
[[nodiscard]] TaskId take_task(Machine& m, uint32_t cpu, uint64_t n);
/// All of a short run queue, in the order in which `take_task` counts them where all may run everywhere; none
/// of one with more than `most`.
[[nodiscard]] std::vector<TaskId> runnable_tasks(const Machine& m, uint32_t most);
/// Should the first of the run queue have `running`'s processor at once?
[[nodiscard]] bool preempts(const Machine& m, TaskId running);
/// Puts a task back that ran until its time was over. FIFO stays first of its priority.
void requeue_task(Machine& m, TaskId task);
/// Before all others that are not real-time, once: somebody waits for it to end.
void run_soon(Machine& m, TaskId task);
/// sched_yield: behind its equals.
void yield_task(Machine& m, TaskId task);
/// A child starts with what SCHED_RESET_ON_FORK leaves it of its parent's policy, behind its equals.
void sched_fork(Machine& m, TaskId child);
/// The task's affinity changed: it does not go on where it may not be.
void move_to_allowed_processor(Machine& m, TaskId task);
/// Changes policy and priority, keeping the run queue in order.
void set_policy(Machine& m, TaskId task, uint8_t policy, uint8_t rt_priority, int8_t nice);

/// The running task used its processor (`m.state.turn`): clocks, times and the slice move on. The record is
/// the task's, as `edit` gave it.
void spend(Machine& m, Task& running, uint64_t instructions, uint64_t system_ns);
inline void spend_instructions(Machine& m, TaskId self, uint64_t instructions)
{
    spend(m, m.edit(self), instructions, 0);
}
inline void spend_system_time(Machine& m, TaskId self, uint64_t ns)
{
    spend(m, m.edit(self), 0, ns);
}
/// What the next of a row of clock reads or yields costs: more and more, so that a loop that waits for time
/// to pass, or for another task, comes to its end.
void spend_spinning(Machine& m, TaskId self);

/// Asks the Decider; counts the asking task's choices. 0 options: any 64-bit value.
[[nodiscard]] uint64_t choose(Machine& m, TaskId asking, ChoiceKind kind, uint64_t options);

}  // namespace norn
