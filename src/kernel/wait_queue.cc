#include "kernel/wait_queue.h"

#include "fs/eventpoll.h"
#include "kernel/futex.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/timer.h"

namespace norn {

WaitQueue& edit_queue(Machine& m, QueueRef ref)
{
    const uint32_t id = ref.object;
    switch (ref.kind) {
        case QueueKind::child:
            return m.edit(SignalId{id}).wait_chldexit;
        case QueueKind::vfork:
            return m.edit(TaskId{id}).vfork_done;
        case QueueKind::futex:
            return m.edit(FutexId{id}).waiters;
        case QueueKind::signal:
            return m.edit(TaskId{id}).signal_wait;
        case QueueKind::stopped:
            return m.edit(TaskId{id}).stop_wait;
        case QueueKind::exec_alone:
            return m.edit(SignalId{id}).exec_alone;
        case QueueKind::pipe_read:
            return m.edit(PipeId{id}).read_wait;
        case QueueKind::pipe_write:
            return m.edit(PipeId{id}).write_wait;
        case QueueKind::pipe_open:
            return m.edit(PipeId{id}).open_wait;
        case QueueKind::file_lock:
            return m.edit(InodeId{id}).lock_wait;
        case QueueKind::tty:
            return m.edit(TtyId{id}).wait;
        case QueueKind::outside:
            return m.state.outside_wait;
        case QueueKind::event:
            return m.edit(FileId{id}).wait;
        case QueueKind::pidfd:
            return m.edit(PidId{id}).pidfd_wait;
        case QueueKind::none:
            break;
    }
    assert_failed("a queue of no kind", __FILE__, __LINE__);
}

const WaitQueue& look_queue(const Machine& m, QueueRef ref)
{
    const uint32_t id = ref.object;
    switch (ref.kind) {
        case QueueKind::child:
            return m[SignalId{id}].wait_chldexit;
        case QueueKind::vfork:
            return m[TaskId{id}].vfork_done;
        case QueueKind::futex:
            return m[FutexId{id}].waiters;
        case QueueKind::signal:
            return m[TaskId{id}].signal_wait;
        case QueueKind::stopped:
            return m[TaskId{id}].stop_wait;
        case QueueKind::exec_alone:
            return m[SignalId{id}].exec_alone;
        case QueueKind::pipe_read:
            return m[PipeId{id}].read_wait;
        case QueueKind::pipe_write:
            return m[PipeId{id}].write_wait;
        case QueueKind::pipe_open:
            return m[PipeId{id}].open_wait;
        case QueueKind::file_lock:
            return m[InodeId{id}].lock_wait;
        case QueueKind::tty:
            return m[TtyId{id}].wait;
        case QueueKind::outside:
            return m.state.outside_wait;
        case QueueKind::event:
            return m[FileId{id}].wait;
        case QueueKind::pidfd:
            return m[PidId{id}].pidfd_wait;
        case QueueKind::none:
            break;
    }
    assert_failed("a queue of no kind", __FILE__, __LINE__);
}

namespace {
/// Exclusive waiters queue at the end, all others at the front, so a wake-up meets those first.
void link(Machine& m, WaitId wait, bool at_end)
{
    const QueueRef ref = m[wait].queue;
    const WaitQueue queue = look_queue(m, ref);
    const WaitId prev = at_end ? queue.last : WaitId{};
    const WaitId next = at_end ? WaitId{} : queue.first;
    WaitEntry& entry = m.edit(wait);
    entry.prev = prev;
    entry.next = next;
    if (prev) m.edit(prev).next = wait;
    if (next) m.edit(next).prev = wait;
    WaitQueue& changed = edit_queue(m, ref);
    if (!prev) changed.first = wait;
    if (!next) changed.last = wait;
}

void unlink(Machine& m, WaitId wait)
{
    const WaitEntry entry = m[wait];
    if (entry.next) m.edit(entry.next).prev = entry.prev;
    if (entry.prev) m.edit(entry.prev).next = entry.next;
    if (entry.next && entry.prev) return;
    WaitQueue& queue = edit_queue(m, entry.queue);
    if (!entry.prev) queue.first = entry.next;
    if (!entry.next) queue.last = entry.prev;
}

WaitId new_wait(Machine& m, QueueRef queue, uint32_t events, bool exclusive)
{
    const WaitId wait = m.allocate<WaitEntry>();
    WaitEntry& entry = m.edit(wait);
    entry.queue = queue;
    entry.events = events;
    entry.exclusive = exclusive;
    return wait;
}

void take_off(Machine& m, WaitId wait)
{
    const QueueRef queue = m[wait].queue;
    unlink(m, wait);
    m.free(wait);
    if (queue.kind == QueueKind::futex) futex_left(m, FutexId{queue.object});
}

/// Takes `wait` off the singly linked list that starts at `first`.
void drop_from_owner(Machine& m, WaitId& first, WaitId wait)
{
    if (first == wait) {
        first = m[wait].next_of_owner;
        return;
    }
    WaitId before = first;
    while (m[before].next_of_owner != wait) before = m[before].next_of_owner;
    const WaitId after = m[wait].next_of_owner;
    m.edit(before).next_of_owner = after;
}
}  // namespace

void add_wait(Machine& m, TaskId self, QueueRef queue, uint32_t events, bool exclusive)
{
    const WaitId wait = new_wait(m, queue, events, exclusive);
    WaitEntry& entry = m.edit(wait);
    entry.task = self;
    entry.next_of_owner = m[self].waits;
    m.edit(self).waits = wait;
    link(m, wait, exclusive);
}

void add_epoll_wait(Machine& m, EpollItemId item, QueueRef queue, uint32_t events)
{
    const WaitId wait = new_wait(m, queue, events, false);
    WaitEntry& entry = m.edit(wait);
    entry.epoll = item;
    entry.next_of_owner = m[item].waits;
    m.edit(item).waits = wait;
    link(m, wait, false);
}

void remove_wait(Machine& m, WaitId wait)
{
    const TaskId task = m[wait].task;
    if (task)
        drop_from_owner(m, m.edit(task).waits, wait);
    else
        drop_from_owner(m, m.edit(m[wait].epoll).waits, wait);
    take_off(m, wait);
}

void move_wait(Machine& m, WaitId wait, QueueRef to)
{
    const QueueRef from = m[wait].queue;
    unlink(m, wait);
    m.edit(wait).queue = to;
    link(m, wait, true);
    if (from.kind == QueueKind::futex) futex_left(m, FutexId{from.object});
}

void remove_waits(Machine& m, TaskId task)
{
    WaitId wait = m[task].waits;
    if (!wait) return;
    m.edit(task).waits = {};
    while (wait) {
        const WaitId next = m[wait].next_of_owner;
        take_off(m, wait);
        wait = next;
    }
}

namespace {
void keep(Machine& m, TaskId self, const Sleep& sleep)
{
    KeptId kept = m[self].kept;
    if (!kept) {
        kept = m.allocate<Kept>();
        m.edit(self).kept = kept;
    }
    m.edit(kept).bytes = sleep.kept;
}

void arm_deadline(Machine& m, TaskId self, uint64_t deadline_ns)
{
    const TimerId timer = m.allocate<Timer>();
    Timer& record = m.edit(timer);
    record.kind = TimerKind::sleep;
    record.task = self;
    arm_timer(m, timer, deadline_ns);
    m.edit(self).sleep_timer = timer;
}

QueueKind kind_of_sleep(const Machine& m, TaskId self)
{
    const WaitId wait = m[self].waits;
    return wait ? m[wait].queue.kind : QueueKind::none;
}
}  // namespace

void go_to_sleep(Machine& m, TaskId self, const Sleep& sleep)
{
    if (sleep.queue.kind != QueueKind::none) add_wait(m, self, sleep.queue, sleep.events, sleep.exclusive);
    if (sleep.kept_size > 0) keep(m, self, sleep);
    if (sleep.deadline_ns != never) arm_deadline(m, self, sleep.deadline_ns);
    Task& task = m.edit(self);
    task.flags &= ~(task_timed_out | task_handed | task_woken_by_signal);
    task.flags |= task_in_syscall;
    task.sleep_mode = sleep.mode;
    task.state =
        sleep.mode == SleepMode::interruptible ? TaskState::interruptible : TaskState::uninterruptible;
    task.outside_input = sleep.outside_input;
    task.spins = 0;  // who waits between its looks at the clock does not spin
    ++task.nvcsw;
    if (sleep.outside_input) ++m.state.outside_sleepers;
    if (wanted(m, EventKind::sleep))
        emit(m, EventKind::sleep, self, static_cast<uint64_t>(kind_of_sleep(m, self)), m[self].orig_rax);
}

bool wake_task(Machine& m, TaskId task)
{
    const TaskState state = m[task].state;
    if (state != TaskState::interruptible && state != TaskState::uninterruptible) return false;
    remove_waits(m, task);
    if (const TimerId timer = m[task].sleep_timer) {
        disarm_timer(m, timer);
        m.free(timer);
    }
    Task& woken = m.edit(task);
    woken.sleep_timer = {};
    if (woken.outside_input) --m.state.outside_sleepers;
    woken.outside_input = 0;
    enqueue_task(m, task);
    emit(m, EventKind::runnable, task);
    return true;
}

uint32_t wake_up(Machine& m, QueueRef queue, uint32_t events, uint32_t exclusive)
{
    uint32_t woken = 0;
    WaitId wait = look_queue(m, queue).first;
    while (wait) {
        const WaitEntry entry = m[wait];
        const bool cares = (entry.events & events) != 0;
        if (entry.epoll) {
            // May wake tasks, and with them take entries that follow off this queue: look again.
            if (cares) epoll_item_woken(m, entry.epoll, events);
            wait = m[wait].next;
            continue;
        }
        WaitId next = entry.next;
        while (next && m[next].task == entry.task) next = m[next].next;
        if (cares && (!entry.exclusive || exclusive > 0)) {
            if (wake_task(m, entry.task)) ++woken;
            if (entry.exclusive) --exclusive;
        }
        wait = next;
    }
    return woken;
}

void free_kept(Machine& m, TaskId self)
{
    const KeptId kept = m[self].kept;
    if (!kept) return;
    m.free(kept);
    m.edit(self).kept = {};
}

}  // namespace norn
