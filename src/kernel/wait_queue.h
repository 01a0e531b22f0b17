// Sleeping and waking (rules S1–S3 in norn/sleep.h).
#pragma once

#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

/// The queue that a reference names.
[[nodiscard]] WaitQueue& edit_queue(Machine& m, QueueRef ref);
[[nodiscard]] const WaitQueue& look_queue(const Machine& m, QueueRef ref);

/// Puts `self` on one more queue; it sleeps once its handler returns a Sleep. For poll and its kind.
void add_wait(Machine& m, TaskId self, QueueRef queue, uint32_t events = ~0u, bool exclusive = false);
/// The same for a watched file of an epoll: wake-ups go to `epoll_item_woken`.
void add_epoll_wait(Machine& m, EpollItemId item, QueueRef queue, uint32_t events);
/// Takes an owner's entry off its queue and frees it.
void remove_wait(Machine& m, WaitId wait);
/// Puts an entry at the end of another queue.
void move_wait(Machine& m, WaitId wait, QueueRef to);
/// All entries of a task: what a handler added before it found that it need not sleep.
void remove_waits(Machine& m, TaskId task);

/// Parks a task: its waits, deadline, state and what it keeps. Called by dispatch alone.
void go_to_sleep(Machine& m, TaskId self, const Sleep& sleep);
/// Takes waits and deadline off and makes the task runnable. False if it was not asleep.
bool wake_task(Machine& m, TaskId task);

/// Wakes all non-exclusive waiters that care for `events`, and the first `exclusive` exclusive ones.
/// Returns how many tasks it woke.
uint32_t wake_up(Machine& m, QueueRef queue, uint32_t events = ~0u, uint32_t exclusive = 1);
inline uint32_t wake_up_all(Machine& m, QueueRef queue)
{
    return wake_up(m, queue, ~0u, ~0u);
}

/// For handlers that are entered again:
/// was this call asleep before (then `kept` has what it kept)?
[[nodiscard]] inline bool resuming(const Machine& m, TaskId self)
{
    return m[self].flags & task_in_syscall;
}
[[nodiscard]] inline bool timed_out(const Machine& m, TaskId self)
{
    return m[self].flags & task_timed_out;
}
template <class T>
[[nodiscard]] T kept(const Machine& m, TaskId self)
{
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= kept_bytes);
    T record;
    std::memcpy(static_cast<void*>(&record), m[m[self].kept].bytes.data(), sizeof(T));
    return record;
}
void free_kept(Machine& m, TaskId self);

}  // namespace norn
