// Job control: group stops, and the calls about process groups and sessions.
//
//  J1  While a group stop is in progress, Signal::stop_count threads have task_stop_pending set. The
//      last to stop sets signal_stop_stopped and tells the parent.
//  J2  signal_stop_stopped holds only while every live thread is stopped.
#include "kernel/jobctl.h"

#include "kernel/exit.h"
#include "kernel/pid.h"
#include "kernel/sched.h"
#include "kernel/signal.h"
#include "kernel/syscalls_life.h"
#include "kernel/task.h"

namespace norn {

namespace {

/// J1: one thread less to wait for; true when it was the last.
bool count_stopped(Machine& m, SignalId signal)
{
    Signal& s = m.edit(signal);
    if (s.stop_count > 0) --s.stop_count;
    if (s.stop_count > 0 || (s.flags & signal_stop_stopped)) return false;
    s.flags = (s.flags & ~signal_stop_continued) | signal_stop_stopped;
    return true;
}

bool has_stopped_member(const Machine& m, PidId pgrp)
{
    for (SignalId s = m[pgrp].group_first; s; s = m[s].pgrp_next)
        if (m[s].flags & signal_stop_stopped) return true;
    return false;
}

SigInfo kernel_siginfo(int signo)
{
    SigInfo info;
    info.signo = signo;
    info.code = SI_KERNEL_;
    return info;
}

/// setpgid's view of its first argument: a process of ours, or our child. ESRCH, EINVAL.
Result<TaskId> pgrp_target(const Machine& m, TaskId self, int pid)
{
    const TaskId target = pid == 0 ? m[self].group_leader : find_task(m, static_cast<uint32_t>(pid));
    if (!target) return ESRCH;
    if (!thread_group_leader(m, target)) return EINVAL;
    return target;
}

/// A task, by number or (0) ourselves.
Result<TaskId> named_task(const Machine& m, TaskId self, int pid)
{
    if (pid == 0) return self;
    const TaskId task = find_task(m, static_cast<uint32_t>(pid));
    if (!task) return ESRCH;
    return task;
}

}  // namespace

void continue_group(Machine& m, SignalId signal)
{
    flush_group_signals(m, signal, stop_signals);
    for (TaskId t = m[signal].first_thread; t; t = m[t].next_thread) {
        flush_task_signals(m, t, stop_signals);
        if (m[t].flags & task_stop_pending) m.edit(t).flags &= ~task_stop_pending;
        if (m[t].state == TaskState::stopped) leave_stop(m, t);
    }
    const bool was_stopped = m[signal].flags & signal_stop_stopped;
    if (!was_stopped && m[signal].stop_count == 0) return;
    Signal& s = m.edit(signal);
    s.flags = (s.flags & ~signal_stop_stopped) | signal_stop_continued |
              (was_stopped ? signal_cld_continued : signal_cld_stopped);
    s.stop_count = 0;
    s.group_exit_code = 0;
}

void leave_stop(Machine& m, TaskId task)
{
    m.edit(task).state = TaskState::running;
    m.edit(task).flags |= task_sigpending;
    enqueue_task(m, task);
    emit(m, EventKind::cont, task);
}

bool stop_group(Machine& m, TaskId self, int signo)
{
    const SignalId signal = m[self].signal;
    if ((m[signal].flags & signal_group_exit) || m[signal].group_exec_task) return false;
    if (!(m[signal].flags & signal_stop_stopped)) m.edit(signal).group_exit_code = signo;
    uint32_t count = 1;
    m.edit(self).flags |= task_stop_pending;
    for (TaskId t = m[signal].first_thread; t; t = m[t].next_thread) {
        if (t == self || m[t].state == TaskState::stopped || (m[t].flags & task_exiting)) continue;
        m.edit(t).flags |= task_stop_pending;
        ++count;
        signal_wake_up(m, t, false);
    }
    m.edit(signal).stop_count = count;
    take_part_in_stop(m, self);
    return true;
}

void take_part_in_stop(Machine& m, TaskId self)
{
    const SignalId signal = m[self].signal;
    m.edit(self).flags &= ~task_stop_pending;
    const bool last = count_stopped(m, signal);
    if (m[self].flags & task_on_queue) dequeue_task(m, self);
    m.edit(self).state = TaskState::stopped;
    emit(m, EventKind::stop, self, static_cast<uint64_t>(m[signal].group_exit_code));
    if (last) notify_parent_stopped(m, self, CLD_STOPPED_);
}

void leave_group_stop(Machine& m, TaskId self)
{
    if (!(m[self].flags & task_stop_pending)) return;
    m.edit(self).flags &= ~task_stop_pending;
    if (count_stopped(m, m[self].signal)) notify_parent_stopped(m, self, CLD_STOPPED_);
}

void report_job_change(Machine& m, TaskId self)
{
    const SignalId signal = m[self].signal;
    const uint32_t which = m[signal].flags & (signal_cld_stopped | signal_cld_continued);
    if (!which) return;
    m.edit(signal).flags &= ~which;
    notify_parent_stopped(m, self, which & signal_cld_continued ? CLD_CONTINUED_ : CLD_STOPPED_);
}

bool will_become_orphaned(const Machine& m, PidId pgrp, TaskId ignored)
{
    for (SignalId s = m[pgrp].group_first; s; s = m[s].pgrp_next) {
        const TaskId leader = leader_of(m, s);
        const bool gone = m[leader].state == TaskState::zombie && thread_group_empty(m, s);
        const TaskId parent = m[leader].real_parent;
        if (leader == ignored || gone || !parent || m[parent].group_leader == m.state.init) continue;
        const SignalId of_parent = m[parent].signal;
        if (m[of_parent].pgrp != pgrp && m[of_parent].session == m[s].session) return false;
    }
    return true;
}

void kill_orphaned_pgrp(Machine& m, TaskId leader, TaskId parent, bool exiting)
{
    const SignalId signal = m[leader].signal;
    const PidId pgrp = m[signal].pgrp;
    if (!parent || m[m[parent].signal].pgrp == pgrp) return;
    if (m[m[parent].signal].session != m[signal].session) return;
    if (!will_become_orphaned(m, pgrp, exiting ? leader : TaskId{}) || !has_stopped_member(m, pgrp)) return;
    send_signal_pgrp(m, pgrp, kernel_siginfo(SIGHUP_));
    send_signal_pgrp(m, pgrp, kernel_siginfo(SIGCONT_));
}

Result<> sys_setpgid(Machine& m, TaskId self, int pid, int pgid)
{
    if (pid < 0) return pid == 0 ? EINVAL : ESRCH;
    if (pgid < 0) return EINVAL;
    const TaskId target = TRY(pgrp_target(m, self, pid));
    const SignalId own = m[self].signal;
    const SignalId signal = m[target].signal;
    if (signal != own) {
        if (!m[target].real_parent || m[m[target].real_parent].signal != own) return ESRCH;
        if (m[signal].session != m[own].session) return EPERM;
        if (!(m[target].flags & task_forked_no_exec)) return EACCES;
    }
    if (m[signal].flags & signal_leader) return EPERM;
    const PidId tgid = m[signal].tgid;
    const PidId pgrp = pgid == 0 ? tgid : find_pid(m, static_cast<uint32_t>(pgid));
    if (pgrp != tgid) {
        const SignalId member = pgrp ? m[pgrp].group_first : SignalId{};
        if (!member || m[member].session != m[own].session) return EPERM;
    }
    change_pgrp(m, signal, pgrp);
    return {};
}

Result<uint32_t> sys_getpgid(const Machine& m, TaskId self, int pid)
{
    const TaskId task = TRY(named_task(m, self, pid));
    return m[m[m[task].signal].pgrp].number;
}

Result<uint32_t> sys_getpgrp(const Machine& m, TaskId self)
{
    return sys_getpgid(m, self, 0);
}

Result<uint32_t> sys_getsid(const Machine& m, TaskId self, int pid)
{
    const TaskId task = TRY(named_task(m, self, pid));
    return m[m[m[task].signal].session].number;
}

Result<uint32_t> sys_setsid(Machine& m, TaskId self)
{
    const SignalId signal = m[self].signal;
    const PidId tgid = m[signal].tgid;
    if ((m[signal].flags & signal_leader) || m[tgid].group_first) return EPERM;
    m.edit(signal).flags |= signal_leader;
    m.edit(signal).tty = {};
    change_session(m, signal, tgid);
    change_pgrp(m, signal, tgid);
    return m[tgid].number;
}

}  // namespace norn
