// Generating signals: who gets it, what is dropped, what is queued (signal(7)).
//
//  G1  A bit of `pending` is set while its queue has an entry of that number, or the entry was lost to
//      RLIMIT_SIGPENDING, or the sender had nothing to say (SIGKILL).
//  G2  task_sigpending is set on a thread that was chosen to take a signal, until it has looked.
#include "kernel/signal.h"

#include <bit>

#include "kernel/cred.h"
#include "kernel/jobctl.h"
#include "kernel/posix_timer.h"
#include "kernel/rlimit.h"
#include "kernel/task.h"
#include "kernel/wait_queue.h"

namespace norn {

namespace {

/// One of the two queues of a thread: its own or its group's.
struct Queue {
    SigSet& pending;
    SigQueueId& first;
    SigQueueId& last;
};

Queue edit_private(Machine& m, TaskId task)
{
    Task& t = m.edit(task);
    return {t.pending, t.queue_first, t.queue_last};
}

Queue edit_shared(Machine& m, SignalId signal)
{
    Signal& s = m.edit(signal);
    return {s.pending, s.queue_first, s.queue_last};
}

SigQueueId new_entry(Machine& m, TaskId target, const SigInfo& info)
{
    const UserId user = user_of(m, target);
    const SigQueueId entry = m.allocate<SigQueue>();
    SigQueue& q = m.edit(entry);
    q.signo = info.signo;
    q.code = info.code;
    q.error = info.error;
    q.pid = static_cast<int32_t>(info.pid);
    q.uid = info.uid;
    q.status = info.status;
    q.value = info.value;
    q.utime = info.utime;
    q.stime = info.stime;
    q.timer = info.timer;
    q.has_fault_address = info.fault_address;
    q.user = user;
    ++m.edit(user).sigpending;
    hold_user(m, user);
    return entry;
}

SigInfo entry_info(const SigQueue& q)
{
    SigInfo info{q.signo, q.code,  q.error, static_cast<uint32_t>(q.pid), q.uid, q.status, q.value,
                 q.utime, q.stime, q.timer, q.has_fault_address != 0};
    return info;
}

void free_entry(Machine& m, SigQueueId entry)
{
    const UserId user = m[entry].user;
    --m.edit(user).sigpending;
    put_user_record(m, user);
    m.free(entry);
}

/// Takes the entry after `before` (none: the first) off a queue.
void unlink_entry(Machine& m, Queue queue, SigQueueId before, SigQueueId entry)
{
    const SigQueueId next = m[entry].next;
    if (before)
        m.edit(before).next = next;
    else
        queue.first = next;
    if (queue.last == entry) queue.last = before;
}

/// Drops all entries of a set from a queue (the queue's own record is in another pool than entries).
void flush_queue(Machine& m, Queue queue, SigSet set)
{
    if (!(queue.pending & set)) return;
    queue.pending &= ~set;
    SigQueueId before;
    for (SigQueueId entry = queue.first; entry;) {
        const SigQueueId next = m[entry].next;
        if (set & sig_bit(m[entry].signo)) {
            unlink_entry(m, queue, before, entry);
            free_entry(m, entry);
        } else {
            before = entry;
        }
        entry = next;
    }
}

/// Takes the first entry of `signo`, which is pending (G1); the bit stays while more are queued.
SigInfo collect_signal(Machine& m, Queue queue, int signo)
{
    SigInfo info;
    info.signo = signo;
    SigQueueId before, found_before, found;
    bool more = false;
    for (SigQueueId entry = queue.first; entry; before = entry, entry = m[entry].next) {
        if (m[entry].signo != signo) continue;
        if (found) {
            more = true;
            break;
        }
        found = entry;
        found_before = before;
    }
    if (!more) queue.pending &= ~sig_bit(signo);
    if (!found) return info;
    info = entry_info(m[found]);
    unlink_entry(m, queue, found_before, found);
    free_entry(m, found);
    return info;
}

/// The signal of a set that comes first; 0: none.
int next_signal(SigSet set)
{
    if (set & fault_signals) set &= fault_signals;
    return set ? std::countr_zero(set) + 1 : 0;
}

SigInfo take_next(Machine& m, TaskId self, SigSet set)
{
    const SignalId signal = m[self].signal;
    if (const int own = next_signal(m[self].pending & set))
        return collect_signal(m, edit_private(m, self), own);
    if (const int shared = next_signal(m[signal].pending & set))
        return collect_signal(m, edit_shared(m, signal), shared);
    return {};
}

/// A timer's signal learns how often it expired besides; that of a timer that is gone or was armed anew is
/// not delivered.
bool is_stale_timer(Machine& m, SigInfo& info)
{
    if (info.code != SI_TIMER_ || !info.timer) return false;
    const int overrun = posix_timer_deliver(m, info.timer, info.utime);
    info.utime = 0;
    info.uid = static_cast<uint32_t>(overrun);
    return overrun < 0;
}

bool is_ignored(const Machine& m, TaskId task, int signo, bool force)
{
    const SigSet bit = sig_bit(signo);
    if (m[task].blocked & bit) return false;
    if ((m[task].flags & task_sigwait) && (m[task].saved_sigmask & bit)) return false;
    const uint64_t handler = action_of(m, task, signo).handler;
    if ((m[m[task].signal].flags & signal_unkillable) && handler == SIG_DFL_ &&
        !(force && (bit & never_blocked)))
        return true;
    return handler == SIG_IGN_ || (handler == SIG_DFL_ && (bit & ignored_by_default));
}

/// What a signal does the moment it is sent; false: it is dropped.
bool prepare_signal(Machine& m, TaskId target, int signo, bool force)
{
    const SignalId signal = m[target].signal;
    if (m[signal].flags & signal_group_exit) return false;
    if (sig_bit(signo) & stop_signals) {
        flush_group_signals(m, signal, sig_bit(SIGCONT_));
        for (TaskId t = m[signal].first_thread; t; t = m[t].next_thread)
            flush_task_signals(m, t, sig_bit(SIGCONT_));
    } else if (signo == SIGCONT_) {
        continue_group(m, signal);
    }
    return !is_ignored(m, target, signo, force);
}

/// Can this thread take the signal now?
bool wants_signal(const Machine& m, TaskId task, int signo)
{
    const Task& t = m[task];
    if (t.blocked & sig_bit(signo)) return false;
    if (t.flags & task_exiting) return false;
    if (signo == SIGKILL_) return true;
    if (t.state == TaskState::stopped || t.state == TaskState::traced) return false;
    return !(t.flags & task_sigpending);
}

TaskId next_in_group(const Machine& m, TaskId task)
{
    const TaskId next = m[task].next_thread;
    return next ? next : m[m[task].signal].first_thread;
}

/// The thread that is to take a signal: the one addressed, else (shared) the next that wants it.
TaskId choose_thread(Machine& m, TaskId target, int signo, bool shared)
{
    if (wants_signal(m, target, signo)) return target;
    const SignalId signal = m[target].signal;
    if (!shared || thread_group_empty(m, signal)) return {};
    const TaskId start = m[signal].curr_target ? m[signal].curr_target : target;
    TaskId t = start;
    while (!wants_signal(m, t, signo)) {
        t = next_in_group(m, t);
        if (t == start) return {};
    }
    m.edit(signal).curr_target = t;
    return t;
}

bool is_fatal(const Machine& m, TaskId task, int signo)
{
    const SigSet bit = sig_bit(signo);
    return !(bit & (ignored_by_default | stop_signals)) && action_of(m, task, signo).handler == SIG_DFL_;
}

/// The whole group dies of `signo`: every thread is told.
void begin_group_death(Machine& m, SignalId signal, int signo)
{
    Signal& s = m.edit(signal);
    s.flags = (s.flags & ~(signal_stop_stopped | signal_stop_continued)) | signal_group_exit;
    s.group_exit_code = signo;
    s.stop_count = 0;
    for (TaskId t = m[signal].first_thread; t; t = m[t].next_thread) {
        m.edit(t).flags &= ~task_stop_pending;
        m.edit(t).pending |= sig_bit(SIGKILL_);
        signal_wake_up(m, t, true);
    }
}

void complete_signal(Machine& m, TaskId target, int signo, bool shared)
{
    const TaskId taker = choose_thread(m, target, signo, shared);
    if (!taker) return;
    const bool waited_for = (m[taker].flags & task_sigwait) && (m[taker].saved_sigmask & sig_bit(signo));
    if (is_fatal(m, target, signo) && !waited_for && !(sig_bit(signo) & core_signals)) {
        begin_group_death(m, m[target].signal, signo);
        return;
    }
    signal_wake_up(m, taker, signo == SIGKILL_);
}

/// `self` was told of these shared signals and now blocks them: threads that do not are told.
void retarget_shared(Machine& m, TaskId self, SigSet signals)
{
    for (TaskId t = m[m[self].signal].first_thread; t; t = m[t].next_thread) {
        if (t == self || (m[t].flags & (task_exiting | task_sigpending))) continue;
        if (!(signals & ~m[t].blocked)) continue;
        signals &= m[t].blocked;
        signal_wake_up(m, t, false);
    }
}

/// Readers of signalfds and their watchers look again.
void wake_signalfd(Machine& m, TaskId target, bool shared)
{
    if (!shared) {
        if (m[target].signal_wait.first) wake_up_all(m, {QueueKind::signal, {}, target.raw});
        return;
    }
    for (TaskId t = m[m[target].signal].first_thread; t; t = m[t].next_thread)
        if (m[t].signal_wait.first) wake_up_all(m, {QueueKind::signal, {}, t.raw});
}

bool may_queue(const Machine& m, TaskId target, const SigInfo& info)
{
    if (info.signo < SIGRTMIN_ && info.code >= 0) return true;
    return m[user_of(m, target)].sigpending < rlimit(m, target, RLIMIT_SIGPENDING).soft;
}

Result<> send(Machine& m, TaskId target, const SigInfo& info, bool shared, bool force)
{
    const int signo = info.signo;
    emit(m, EventKind::signal_generate, target, static_cast<uint64_t>(signo), info.pid, &info);
    if (!prepare_signal(m, target, signo, force)) {
        emit(m, EventKind::signal_ignore, target, static_cast<uint64_t>(signo), 0, &info);
        return {};
    }
    const SignalId signal = m[target].signal;
    const SigSet already = shared ? m[signal].pending : m[target].pending;
    if (signo < SIGRTMIN_ && (already & sig_bit(signo))) return {};
    SigQueueId entry;
    if (signo != SIGKILL_) {
        if (may_queue(m, target, info))
            entry = new_entry(m, target, info);
        else if (signo >= SIGRTMIN_ && info.code != SI_USER_)
            return EAGAIN;
    }
    const SigQueueId last = shared ? m[signal].queue_last : m[target].queue_last;
    if (entry && last) m.edit(last).next = entry;
    Queue queue = shared ? edit_shared(m, signal) : edit_private(m, target);
    queue.pending |= sig_bit(signo);
    if (entry) {
        if (!last) queue.first = entry;
        queue.last = entry;
    }
    wake_signalfd(m, target, shared);
    complete_signal(m, target, signo, shared);
    return {};
}

}  // namespace

Result<> queue_signal(Machine& m, TaskId target, const SigInfo& info, bool to_thread)
{
    return send(m, target, info, !to_thread, info.code == SI_KERNEL_);
}

void send_signal_group(Machine& m, SignalId target, const SigInfo& info)
{
    (void)queue_signal(m, leader_of(m, target), info, false);
}

void send_signal_through(Machine& m, TaskId target, const SigInfo& info)
{
    (void)queue_signal(m, target, info, false);
}

void send_signal_task(Machine& m, TaskId target, const SigInfo& info)
{
    (void)queue_signal(m, target, info, true);
}

void force_signal(Machine& m, TaskId self, const SigInfo& info)
{
    const SighandId sighand = m[self].sighand;
    const auto index = static_cast<std::size_t>(info.signo - 1);
    const bool blocked = m[self].blocked & sig_bit(info.signo);
    if (blocked || m[sighand].action[index].handler == SIG_IGN_) {
        m.edit(sighand).action[index].handler = SIG_DFL_;
        m.edit(self).blocked &= ~sig_bit(info.signo);
    }
    if (m[sighand].action[index].handler == SIG_DFL_) m.edit(m[self].signal).flags &= ~signal_unkillable;
    (void)send(m, self, info, false, true);
    recalc_sigpending(m, self);
}

void force_fatal_signal(Machine& m, TaskId self, int signo)
{
    m.edit(m[self].sighand).action[static_cast<std::size_t>(signo - 1)].handler = SIG_DFL_;
    SigInfo info;
    info.signo = signo;
    info.code = SI_KERNEL_;
    force_signal(m, self, info);
}

void send_signal_pgrp(Machine& m, PidId pgrp, const SigInfo& info)
{
    for (SignalId s = m[pgrp].group_first; s;) {
        const SignalId next = m[s].pgrp_next;
        send_signal_group(m, s, info);
        s = next;
    }
}

SigInfo user_siginfo(const Machine& m, TaskId sender, int signo)
{
    SigInfo info;
    info.signo = signo;
    info.code = SI_USER_;
    info.pid = tgid_nr(m, sender);
    info.uid = m[m[sender].cred].uid;
    return info;
}

SigInfo dequeue_signal(Machine& m, TaskId self, SigSet set)
{
    SigInfo info;
    do {
        info = take_next(m, self, set);
    } while (is_stale_timer(m, info));
    recalc_sigpending(m, self);
    return info;
}

void flush_task_signals(Machine& m, TaskId task, SigSet set)
{
    if (m[task].pending & set) flush_queue(m, edit_private(m, task), set);
}

void flush_group_signals(Machine& m, SignalId signal, SigSet set)
{
    if (m[signal].pending & set) flush_queue(m, edit_shared(m, signal), set);
}

void recalc_sigpending(Machine& m, TaskId task)
{
    const Task& t = m[task];
    const bool pending = (pending_signals(m, task) & ~t.blocked) || (t.flags & task_stop_pending) ||
                         (m[t.signal].flags & (signal_cld_stopped | signal_cld_continued));
    if (pending == static_cast<bool>(t.flags & task_sigpending)) return;
    m.edit(task).flags ^= task_sigpending;
}

void set_blocked(Machine& m, TaskId self, SigSet blocked)
{
    blocked &= ~never_blocked;
    if (m[self].blocked == blocked) return;
    const bool was_told = signal_pending(m, self);
    const SigSet newly = blocked & ~m[self].blocked & m[m[self].signal].pending;
    m.edit(self).blocked = blocked;
    recalc_sigpending(m, self);
    if (was_told && newly) retarget_shared(m, self, newly);
}

void signal_wake_up(Machine& m, TaskId task, bool fatal)
{
    m.edit(task).flags |= task_sigpending;
    const TaskState state = m[task].state;
    if (state == TaskState::interruptible) {
        wake_task(m, task);
    } else if (state == TaskState::uninterruptible) {
        if (fatal && m[task].sleep_mode == SleepMode::killable) wake_task(m, task);
    } else if (state == TaskState::stopped && fatal) {
        leave_stop(m, task);
    }
}

uint32_t zap_other_threads(Machine& m, TaskId self)
{
    const SignalId signal = m[self].signal;
    m.edit(signal).stop_count = 0;
    uint32_t others = 0;
    for (TaskId t = m[signal].first_thread; t; t = m[t].next_thread) {
        m.edit(t).flags &= ~task_stop_pending;
        if (t == self) continue;
        ++others;
        if (m[t].state == TaskState::zombie || (m[t].flags & task_exiting)) continue;
        m.edit(t).pending |= sig_bit(SIGKILL_);
        signal_wake_up(m, t, true);
    }
    return others;
}

void flush_signal_handlers(Machine& m, SighandId sighand, bool ignored_too)
{
    Sighand& table = m.edit(sighand);
    for (SigAction& action : table.action) {
        const bool keep = !ignored_too && action.handler == SIG_IGN_;
        action = SigAction{};
        if (keep) action.handler = SIG_IGN_;
    }
}

}  // namespace norn
