// The end of a task (exit.c). In this order: memory, files, the terminal, children, the parent is told.
//
//  E1  A thread that is no leader is released at once; nobody waits for it.
//  E2  A leader stays as a zombie until its parent reaps it, and until every other thread is gone; only
//      then is the parent told.
//  E3  Children of a thread go to another live thread of its group, else to the nearest sub-reaper, else
//      to init.
//  E4  With init everything ends: whoever lives is killed, and nobody is left to wait for a zombie.
#include "kernel/exit.h"

#include <algorithm>
#include <vector>

#include "fs/file.h"
#include "fs/tty.h"
#include "kernel/cred.h"
#include "kernel/fpu.h"
#include "kernel/futex.h"
#include "kernel/jobctl.h"
#include "kernel/pid.h"
#include "kernel/posix_timer.h"
#include "kernel/robust_list.h"
#include "kernel/sched.h"
#include "kernel/signal.h"
#include "kernel/syscalls_life.h"
#include "kernel/task.h"
#include "kernel/wait_queue.h"
#include "mm/mmap.h"
#include "mm/usercopy.h"

namespace norn {

namespace {

constexpr uint64_t ns_per_tick = 10'000'000;  ///< of clock_t, 100 a second

SigInfo child_siginfo(const Machine& m, TaskId child)
{
    const CpuTimes times = group_times(m, m[child].signal);
    SigInfo info;
    info.signo = SIGCHLD_;
    info.pid = pid_nr(m, child);
    info.uid = m[m[child].cred].uid;
    info.utime = times.user_ns / ns_per_tick;
    info.stime = times.system_ns / ns_per_tick;
    return info;
}

void set_exit_cause(SigInfo& info, int exit_code)
{
    info.status = exit_code & 0x7f;
    if (exit_code & 0x80) {
        info.code = CLD_DUMPED_;
    } else if (info.status) {
        info.code = CLD_KILLED_;
    } else {
        info.code = CLD_EXITED_;
        info.status = exit_code >> 8;
    }
}

void wake_parent(Machine& m, TaskId parent)
{
    const SignalId signal = m[parent].signal;
    if (m[signal].wait_chldexit.first) wake_up_all(m, {QueueKind::child, {}, signal.raw});
}

/// Tells the parent of a dead group. True: nobody will wait for it, reap it now.
bool notify_parent(Machine& m, TaskId leader)
{
    const TaskId parent = m[leader].parent;
    if (m[parent].flags & task_kernel_init) return true;
    const int signo = m[leader].exit_signal;
    bool autoreap = false;
    bool silent = signo < 1 || signo > SIGRTMAX_;
    if (signo == SIGCHLD_) {
        const SigAction& action = action_of(m, parent, SIGCHLD_);
        autoreap = action.handler == SIG_IGN_ || (action.flags & SA_NOCLDWAIT_);
        silent = action.handler == SIG_IGN_;
    }
    if (!silent) {
        SigInfo info = child_siginfo(m, leader);
        set_exit_cause(info, m[leader].exit_code);
        info.signo = signo;
        send_signal_through(m, parent, info);
    }
    wake_parent(m, parent);
    return autoreap;
}

/// E3. None: init itself ends, or has ended.
TaskId find_new_reaper(const Machine& m, TaskId father)
{
    for (TaskId t = m[m[father].signal].first_thread; t; t = m[t].next_thread)
        if (!(m[t].flags & task_exiting)) return t;
    if (m[m[father].signal].flags & signal_has_child_subreaper) {
        for (TaskId p = m[father].real_parent; p; p = m[p].real_parent) {
            const SignalId signal = m[p].signal;
            if (!(m[signal].flags & signal_child_subreaper)) continue;
            for (TaskId t = m[signal].first_thread; t; t = m[t].next_thread)
                if (!(m[t].flags & task_exiting)) return t;
        }
    }
    return m[father].group_leader == m.state.init ? TaskId{} : m.state.init;
}

void send_pdeath_signal(Machine& m, TaskId child, TaskId father)
{
    for (TaskId t = child; t; t = m[t].next_thread) {
        if (m[t].pdeath_signal == 0) continue;
        send_signal_through(m, t, user_siginfo(m, father, m[t].pdeath_signal));
    }
}

/// A child that `father` leaves behind now has `reaper` as its parent.
void reparent(Machine& m, TaskId child, TaskId father, TaskId reaper)
{
    unlink_child(m, child);
    link_child(m, child, reaper);
    for (TaskId t = child; t; t = m[t].next_thread) {
        m.edit(t).real_parent = reaper;
        m.edit(t).parent = reaper;
    }
    emit(m, EventKind::reparent, child, pid_nr(m, reaper));
    send_pdeath_signal(m, child, father);
    if (m[reaper].signal == m[father].signal) return;
    m.edit(child).exit_signal = SIGCHLD_;
    const bool dead = m[child].state == TaskState::zombie && thread_group_empty(m, m[child].signal);
    if (dead && notify_parent(m, child)) {
        release_task(m, child);
        return;
    }
    kill_orphaned_pgrp(m, child, father, false);
}

void kill_everybody_else(Machine& m, SignalId own)
{
    SigInfo info;
    info.signo = SIGKILL_;
    info.code = SI_KERNEL_;
    std::vector<SignalId> targets;
    m.pool<Signal>().each([&](SignalId id, const Signal&) {
        if (id != own) targets.push_back(id);
    });
    for (const SignalId target : targets) send_signal_group(m, target, info);
}

void leave_to_nobody(Machine& m, TaskId child)
{
    unlink_child(m, child);
    m.edit(child).real_parent = {};
    m.edit(child).parent = {};
    if (m[child].state == TaskState::zombie && thread_group_empty(m, m[child].signal)) release_task(m, child);
}

void leave_children(Machine& m, TaskId self)
{
    if (!m[self].first_child) return;
    const TaskId reaper = find_new_reaper(m, self);
    if (m[self].group_leader == m.state.init && !reaper) kill_everybody_else(m, m[self].signal);
    while (const TaskId child = m[self].first_child) {
        if (reaper)
            reparent(m, child, self, reaper);
        else
            leave_to_nobody(m, child);
    }
}

/// An exec in this group waits for the others to be gone.
void wake_group_exec(Machine& m, SignalId signal)
{
    if (m[signal].group_exec_task && m[signal].exec_alone.first)
        wake_up_all(m, {QueueKind::exec_alone, {}, signal.raw});
}

void note_program_end(Machine& m, TaskId self)
{
    if (m[self].group_leader != m.state.program || m.state.program_ended) return;
    m.state.program_ended = 1;
    m.state.program_ended_ns = m.state.now_ns;
    m.state.program_status = static_cast<uint32_t>(m[m.state.program].exit_code);
}

/// The group's code is that of the thread that left last, unless something ended the whole group.
void settle_group_code(Machine& m, TaskId self)
{
    const SignalId signal = m[self].signal;
    const int code = m[signal].flags & signal_group_exit ? m[signal].group_exit_code : m[self].exit_code;
    m.edit(m[self].group_leader).exit_code = code;
}

void exit_notify(Machine& m, TaskId self, bool group_dead)
{
    leave_children(m, self);
    const SignalId signal = m[self].signal;
    if (group_dead) {
        settle_group_code(m, self);
        note_program_end(m, self);
        kill_orphaned_pgrp(m, m[self].group_leader, m[m[self].group_leader].real_parent, true);
    }
    m.edit(self).state = TaskState::zombie;
    if (!thread_group_leader(m, self)) {
        release_task(m, self);
        return;
    }
    emit(m, EventKind::zombie, self);
    if (thread_group_empty(m, signal)) {
        wake_up_all(m, {QueueKind::pidfd, {}, m[signal].tgid.raw});
        if (!m[self].parent || notify_parent(m, self)) release_task(m, self);
    } else {
        wake_group_exec(m, signal);
    }
}

void exit_resources(Machine& m, TaskId self)
{
    release_mm(m, self);
    if (const MmId mm = m[self].mm) {
        Signal& s = m.edit(m[self].signal);
        s.maxrss = std::max(s.maxrss, m[mm].hiwater_rss);
        m.edit(self).mm = {};
        put_mm(m, mm);
    }
    if (const FilesId files = m[self].files) {
        m.edit(self).files = {};
        put_files(m, files);
    }
    if (const FsId fs = m[self].fs) {
        m.edit(self).fs = {};
        put_fs(m, fs);
    }
    free_fpu(m, self);
}

void put_sighand(Machine& m, SighandId sighand)
{
    if (--m.edit(sighand).refs == 0) m.free(sighand);
}

/// What a thread used counts for its group from now on.
void add_usage(Machine& m, TaskId task)
{
    const Task& t = m[task];
    Signal& s = m.edit(t.signal);
    s.utime_ns += t.utime_ns;
    s.stime_ns += t.stime_ns;
    s.min_flt += t.min_flt;
    s.maj_flt += t.maj_flt;
    s.nvcsw += t.nvcsw;
    s.nivcsw += t.nivcsw;
}

void release_group(Machine& m, SignalId signal)
{
    flush_group_signals(m, signal, ~0ull);
    leave_groups(m, signal);
    --m.state.thread_groups;
    m.free(signal);
}

}  // namespace

CpuTimes group_times(const Machine& m, SignalId signal)
{
    CpuTimes times{m[signal].utime_ns, m[signal].stime_ns};
    for (TaskId t = m[signal].first_thread; t; t = m[t].next_thread) {
        times.user_ns += m[t].utime_ns;
        times.system_ns += m[t].stime_ns;
    }
    return times;
}

void notify_parent_stopped(Machine& m, TaskId task, int why)
{
    const TaskId leader = m[task].group_leader;
    const TaskId parent = m[leader].real_parent;
    if (!parent) return;
    SigInfo info = child_siginfo(m, leader);
    info.code = why;
    info.status = why == CLD_CONTINUED_ ? SIGCONT_ : m[m[leader].signal].group_exit_code & 0x7f;
    const SigAction& action = action_of(m, parent, SIGCHLD_);
    const bool quiet = action.handler == SIG_IGN_ || (action.flags & SA_NOCLDSTOP_);
    if (!quiet) send_signal_through(m, parent, info);
    wake_parent(m, parent);
}

void complete_vfork(Machine& m, TaskId child)
{
    if (!(m[child].flags & task_vforked)) return;
    m.edit(child).flags &= ~task_vforked;
    wake_up_all(m, {QueueKind::vfork, {}, child.raw});
}

void release_mm(Machine& m, TaskId self)
{
    if (m[self].mm) {
        exit_robust_list(m, self);
        const uint64_t word = m[self].clear_child_tid;
        if (word && m[m[self].mm].users > 1 && put_user(m, self, UserPtr<uint32_t>{word}, 0u).ok())
            futex_wake_address(m, self, word, 1);
    }
    m.edit(self).clear_child_tid = 0;
    complete_vfork(m, self);
}

void do_exit(Machine& m, TaskId self, int code)
{
    const SignalId signal = m[self].signal;
    m.edit(self).flags |= task_exiting;
    m.edit(self).exit_code = code;
    leave_group_stop(m, self);
    const bool group_dead = --m.edit(signal).live == 0;
    emit(m, EventKind::exit, self, static_cast<uint64_t>(code));
    if (group_dead) exit_itimers(m, signal);
    exit_resources(m, self);
    if (group_dead && (m[signal].flags & signal_leader)) tty_session_ended(m, signal);
    if (m[self].flags & task_on_queue) dequeue_task(m, self);
    exit_notify(m, self, group_dead);
}

void do_group_exit(Machine& m, TaskId self, int code)
{
    const SignalId signal = m[self].signal;
    if (m[signal].flags & signal_group_exit) {
        code = m[signal].group_exit_code;
    } else if (m[signal].group_exec_task) {
        code = 0;  // an exec goes on in another thread; nobody sees this code
    } else {
        Signal& s = m.edit(signal);
        s.group_exit_code = code;
        s.flags = (s.flags & ~(signal_stop_stopped | signal_stop_continued)) | signal_group_exit;
        zap_other_threads(m, self);
    }
    do_exit(m, self, code);
}

void release_task(Machine& m, TaskId task)
{
    const SignalId signal = m[task].signal;
    const TaskId leader = m[task].group_leader;
    emit(m, EventKind::reap, task);
    m.edit(task).state = TaskState::dead;
    add_usage(m, task);
    flush_task_signals(m, task, ~0ull);
    if (m[signal].curr_target == task) m.edit(signal).curr_target = m[task].next_thread;
    if (leader == task && m[task].real_parent) unlink_child(m, task);
    unlink_thread(m, task);
    if (leader == task) wake_up_all(m, {QueueKind::pidfd, {}, m[task].pid.raw});
    set_pid_task(m, m[task].pid, {});
    free_kept(m, task);
    put_sighand(m, m[task].sighand);
    --m.edit(user_of(m, task)).processes;
    put_cred(m, m[task].cred);
    --m.state.task_count;
    if (m.state.program == task) m.state.program = {};
    if (m.state.init == task) m.state.init = {};
    m.free(task);
    if (--m.edit(signal).refs == 0) {
        release_group(m, signal);
        return;
    }
    wake_group_exec(m, signal);
    if (leader == task || m[leader].state != TaskState::zombie || !thread_group_empty(m, signal)) return;
    wake_up_all(m, {QueueKind::pidfd, {}, m[signal].tgid.raw});
    if (!m[leader].parent || notify_parent(m, leader)) release_task(m, leader);
}

Result<> sys_exit(Machine& m, TaskId self, int status)
{
    do_exit(m, self, (status & 0xff) << 8);
    return {};
}

Result<> sys_exit_group(Machine& m, TaskId self, int status)
{
    do_group_exit(m, self, (status & 0xff) << 8);
    return {};
}

}  // namespace norn
