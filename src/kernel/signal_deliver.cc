// Acting on pending signals on the way back to the program (get_signal, arch_do_signal_or_restart).
//
//  D1  All pending signals get their frames before the program runs again, so the handler that runs first
//      is that of the signal dequeued last.
//  D2  The first signal that has a handler settles what becomes of an interrupted call.
//  D3  A task that stops keeps the restart code in rax, and comes here again when it goes on.
#include "kernel/exit.h"
#include "kernel/jobctl.h"
#include "kernel/rseq.h"
#include "kernel/signal.h"
#include "kernel/task.h"

namespace norn {

namespace {

constexpr uint64_t nr_restart_syscall = 219;
constexpr uint64_t syscall_instruction_bytes = 2;
constexpr uint64_t no_call = ~0ull;

/// The restart code in rax, or none.
Errno restart_code(const Task& t)
{
    if (t.orig_rax == no_call) return Errno::none;
    switch (const auto result = static_cast<Errno>(-static_cast<int64_t>(t.cpu.gpr[x86::rax]))) {
        case ERESTARTSYS:
        case ERESTARTNOINTR:
        case ERESTARTNOHAND:
        case ERESTART_RESTARTBLOCK:
            return result;
        default:
            return Errno::none;
    }
}

void restart_call(Task& t, uint64_t number)
{
    t.cpu.gpr[x86::rax] = number;
    t.cpu.rip -= syscall_instruction_bytes;
    t.orig_rax = no_call;
}

void settle_without_handler(Machine& m, TaskId self)
{
    const Errno code = restart_code(m[self]);
    if (code == Errno::none) return;
    Task& t = m.edit(self);
    restart_call(t, code == ERESTART_RESTARTBLOCK ? nr_restart_syscall : t.orig_rax);
}

/// D2.
void settle_for_handler(Machine& m, TaskId self, const SigAction& action)
{
    const Errno code = restart_code(m[self]);
    if (code == Errno::none) return;
    Task& t = m.edit(self);
    const bool restarts = code == ERESTARTNOINTR || (code == ERESTARTSYS && (action.flags & SA_RESTART_));
    if (restarts) {
        restart_call(t, t.orig_rax);
        return;
    }
    t.cpu.gpr[x86::rax] = static_cast<uint64_t>(-static_cast<int64_t>(EINTR));
    t.orig_rax = no_call;
}

/// A signal to be handled, with its action as it was when taken; signo 0: none is left.
struct Taken {
    SigInfo info;
    SigAction action;
};

void stop_for(Machine& m, TaskId self, int signo)
{
    if (signo != SIGSTOP_ && is_orphaned(m, m[m[self].signal].pgrp)) {
        const TtyId tty = m[m[self].signal].tty;
        if (signo == SIGTSTP_ && tty && tty == m.state.console && m.host) m.host->suspend();
        return;
    }
    (void)stop_group(m, self, signo);
}

bool runs(const Machine& m, TaskId self)
{
    return m.alive(self) && m[self].state == TaskState::running;
}

/// What the default action of a signal does; the task may have stopped or ended after it.
void act_by_default(Machine& m, TaskId self, int signo)
{
    const SigSet bit = sig_bit(signo);
    if (bit & ignored_by_default) return;
    if ((m[m[self].signal].flags & signal_unkillable) && !(bit & never_blocked)) return;
    if (bit & stop_signals) {
        stop_for(m, self, signo);
        return;
    }
    m.edit(self).flags |= task_signaled;
    do_group_exit(m, self, signo);
}

/// Is the whole group ending, or making way for an exec?
bool must_die(const Machine& m, TaskId self)
{
    const Signal& signal = m[m[self].signal];
    if (signal.flags & signal_group_exit) return true;
    return signal.group_exec_task && signal.group_exec_task != self && (m[self].pending & sig_bit(SIGKILL_));
}

/// Acts on signals until one has a handler, none is left, or the task does not run any more.
Taken take_signal(Machine& m, TaskId self)
{
    while (runs(m, self)) {
        report_job_change(m, self);
        if (must_die(m, self)) {
            m.edit(self).flags |= task_signaled;
            do_group_exit(m, self, m[m[self].signal].group_exit_code);
            break;
        }
        if (m[self].flags & task_stop_pending) {
            take_part_in_stop(m, self);
            break;
        }
        const SigInfo info = dequeue_signal(m, self, ~m[self].blocked);
        if (info.signo == 0) break;
        const SigAction action = action_of(m, self, info.signo);
        if (action.handler == SIG_IGN_) continue;
        emit(m, EventKind::signal_deliver, self, static_cast<uint64_t>(info.signo), 0, &info);
        if (action.handler != SIG_DFL_) return {info, action};
        act_by_default(m, self, info.signo);
    }
    return {};
}

/// The mask that the frame restores: that of before sigsuspend and its kin.
SigSet mask_to_save(Machine& m, TaskId self)
{
    if (!(m[self].flags & task_restore_sigmask)) return m[self].blocked;
    m.edit(self).flags &= ~task_restore_sigmask;
    return m[self].saved_sigmask;
}

void handle_signal(Machine& m, TaskId self, const Taken& taken)
{
    const int signo = taken.info.signo;
    settle_for_handler(m, self, taken.action);
    if (m[self].rseq_area) rseq_interrupted(m, self);
    if (taken.action.flags & SA_RESETHAND_)
        m.edit(m[self].sighand).action[static_cast<std::size_t>(signo - 1)].handler = SIG_DFL_;
    if (!setup_rt_frame(m, self, taken.action, taken.info, mask_to_save(m, self)).ok()) {
        if (signo == SIGSEGV_) {
            force_fatal_signal(m, self, SIGSEGV_);
            return;
        }
        SigInfo info;
        info.signo = SIGSEGV_;
        info.code = SI_KERNEL_;
        force_signal(m, self, info);
        return;
    }
    SigSet blocked = m[self].blocked | taken.action.mask;
    if (!(taken.action.flags & SA_NODEFER_)) blocked |= sig_bit(signo);
    set_blocked(m, self, blocked);
}

}  // namespace

void deliver_signals(Machine& m, TaskId self)
{
    while (needs_delivery(m, self)) {
        const Taken taken = take_signal(m, self);
        if (!runs(m, self)) return;
        if (taken.info.signo == 0) break;
        handle_signal(m, self, taken);
    }
    settle_without_handler(m, self);
    if (m[self].flags & task_restore_sigmask) {
        m.edit(self).flags &= ~task_restore_sigmask;
        set_blocked(m, self, m[self].saved_sigmask);
    }
    recalc_sigpending(m, self);
}

bool needs_delivery(const Machine& m, TaskId self)
{
    return signal_pending(m, self);
}

}  // namespace norn
