// The system calls about signals: sending, dispositions, masks, waiting.
#include <climits>

#include "kernel/cred.h"
#include "kernel/pid.h"
#include "kernel/signal.h"
#include "kernel/syscalls_life.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "kernel/wait_queue.h"
#include "mm/usercopy.h"

namespace norn {

namespace {

constexpr std::size_t sigset_size = sizeof(SigSet);
constexpr uint64_t known_action_flags = 0xdc000807;

bool valid_signal(int signo)
{
    return signo >= 0 && signo <= SIGRTMAX_;
}

Result<> send_checked(Machine& m, TaskId self, TaskId target, const SigInfo& info, bool to_thread)
{
    TRY(check_kill_permission(m, self, target, info.signo));
    if (info.signo == 0) return {};
    return queue_signal(m, target, info, to_thread);
}

/// kill(-1): everybody but init and ourselves.
Result<> kill_everybody(Machine& m, TaskId self, const SigInfo& info)
{
    bool any = false;
    const SignalId own = m[self].signal;
    const SignalId init = m[m.state.init].signal;
    std::vector<SignalId> targets;
    m.pool<Signal>().each([&](SignalId id, const Signal&) { targets.push_back(id); });
    for (const SignalId target : targets) {
        if (target == own || target == init || !m.alive(target)) continue;
        any = true;
        (void)send_checked(m, self, leader_of(m, target), info, false);
    }
    if (!any) return ESRCH;
    return {};
}

/// tkill and tgkill. `tgid` 0: whatever group it is in.
Result<> kill_thread(Machine& m, TaskId self, int tgid, int tid, const SigInfo& info)
{
    const TaskId target = find_task(m, static_cast<uint32_t>(tid));
    if (!target || (tgid > 0 && tgid_nr(m, target) != static_cast<uint32_t>(tgid))) return ESRCH;
    TRY(check_kill_permission(m, self, target, info.signo));
    if (info.signo == 0) return {};
    return queue_signal(m, target, info, true);
}

SigInfo tkill_info(const Machine& m, TaskId self, int signo)
{
    SigInfo info = user_siginfo(m, self, signo);
    info.code = SI_TKILL_;
    return info;
}

/// A siginfo from a program; only to oneself may it claim to come from the kernel. EFAULT, EPERM.
Result<SigInfo> fetch_siginfo(Machine& m, TaskId self, UserPtr<SigInfoBytes> from, int signo, int target)
{
    SigInfo info = decode_siginfo(TRY(get_user(m, self, from)));
    info.signo = signo;
    const bool forged = info.code >= 0 || info.code == SI_TKILL_;
    if (forged && static_cast<uint32_t>(target) != tgid_nr(m, self)) return EPERM;
    return info;
}

bool drops_pending(int signo, uint64_t handler)
{
    return handler == SIG_IGN_ || (handler == SIG_DFL_ && (sig_bit(signo) & ignored_by_default));
}

void flush_everywhere(Machine& m, SignalId signal, SigSet set)
{
    flush_group_signals(m, signal, set);
    for (TaskId t = m[signal].first_thread; t; t = m[t].next_thread) {
        flush_task_signals(m, t, set);
        recalc_sigpending(m, t);
    }
}

/// SG-118: while it waits, the set is unblocked, so that senders choose this thread.
void begin_sigwait(Machine& m, TaskId self, SigSet set)
{
    Task& t = m.edit(self);
    t.saved_sigmask = t.blocked;
    t.flags |= task_sigwait;
    t.blocked &= ~set;
    recalc_sigpending(m, self);
}

void end_sigwait(Machine& m, TaskId self)
{
    if (!(m[self].flags & task_sigwait)) return;
    m.edit(self).flags &= ~task_sigwait;
    set_blocked(m, self, m[self].saved_sigmask);
    recalc_sigpending(m, self);
}

/// When a relative timeout ends. EFAULT, EINVAL.
Result<uint64_t> fetch_deadline(Machine& m, TaskId self, UserPtr<> timeout)
{
    if (!timeout) return never;
    const Timespec time = TRY(get_user(m, self, timeout.as<Timespec>()));
    return ktime_add_safe(monotonic_ns(m), TRY(timespec_ns(time)));
}

Sleep sleep_for_signal(TaskId self)
{
    return Sleep{{QueueKind::signal, {}, self.raw}};
}

}  // namespace

Result<> check_kill_permission(const Machine& m, TaskId sender, TaskId target, int signo)
{
    if (!valid_signal(signo)) return EINVAL;
    if (m[sender].signal == m[target].signal) return {};
    const Cred& from = m[m[sender].cred];
    const Cred& to = m[m[target].cred];
    if (from.euid == to.suid || from.euid == to.uid || from.uid == to.suid || from.uid == to.uid) return {};
    if (capable(m, sender, CAP_KILL_)) return {};
    if (signo == SIGCONT_ && m[m[sender].signal].session == m[m[target].signal].session) return {};
    return EPERM;
}

Result<> kill_pgrp(Machine& m, TaskId self, PidId pgrp, const SigInfo& info)
{
    Errno error = ESRCH;
    bool any = false;
    for (SignalId s = m[pgrp].group_first; s;) {
        const SignalId next = m[s].pgrp_next;
        const Result<> sent = send_checked(m, self, leader_of(m, s), info, false);
        if (sent.ok()) any = true;
        if (!sent.ok()) error = sent.error();
        s = next;
    }
    if (any) return {};
    return error;
}

Result<> sys_kill(Machine& m, TaskId self, int pid, int signo)
{
    const SigInfo info = user_siginfo(m, self, signo);
    if (pid > 0) {
        const TaskId target = find_task(m, static_cast<uint32_t>(pid));
        if (!target) return ESRCH;
        return send_checked(m, self, target, info, false);
    }
    if (pid == INT_MIN) return ESRCH;
    if (!valid_signal(signo)) return EINVAL;
    if (pid == -1) return kill_everybody(m, self, info);
    const PidId pgrp = pid == 0 ? m[m[self].signal].pgrp : find_pid(m, static_cast<uint32_t>(-pid));
    if (!pgrp) return ESRCH;
    return kill_pgrp(m, self, pgrp, info);
}

Result<> sys_tkill(Machine& m, TaskId self, int tid, int signo)
{
    if (tid <= 0) return EINVAL;
    return kill_thread(m, self, 0, tid, tkill_info(m, self, signo));
}

Result<> sys_tgkill(Machine& m, TaskId self, int tgid, int tid, int signo)
{
    if (tgid <= 0 || tid <= 0) return EINVAL;
    return kill_thread(m, self, tgid, tid, tkill_info(m, self, signo));
}

Result<> sys_rt_sigqueueinfo(Machine& m, TaskId self, int pid, int signo, UserPtr<SigInfoBytes> from)
{
    const SigInfo info = TRY(fetch_siginfo(m, self, from, signo, pid));
    const TaskId target = pid > 0 ? find_task(m, static_cast<uint32_t>(pid)) : TaskId{};
    if (!target) return ESRCH;
    return send_checked(m, self, target, info, false);
}

Result<> sys_rt_tgsigqueueinfo(Machine& m, TaskId self, int tgid, int tid, int signo,
                               UserPtr<SigInfoBytes> from)
{
    if (tgid <= 0 || tid <= 0) return EINVAL;
    const SigInfo info = TRY(fetch_siginfo(m, self, from, signo, tgid));
    return kill_thread(m, self, tgid, tid, info);
}

Result<> sys_rt_sigaction(Machine& m, TaskId self, int signo, UserPtr<SigAction> action,
                          UserPtr<SigAction> old, std::size_t size)
{
    if (size != sigset_size) return EINVAL;
    SigAction wanted;
    if (action) wanted = TRY(get_user(m, self, action));
    if (signo < 1 || signo > SIGRTMAX_) return EINVAL;
    if (action && (sig_bit(signo) & never_blocked)) return EINVAL;
    const SigAction before = action_of(m, self, signo);
    if (action) {
        wanted.flags &= known_action_flags;
        wanted.mask &= ~never_blocked;
        m.edit(m[self].sighand).action[static_cast<std::size_t>(signo - 1)] = wanted;
        if (drops_pending(signo, wanted.handler)) flush_everywhere(m, m[self].signal, sig_bit(signo));
    }
    if (old) TRY(put_user(m, self, old, before));
    return {};
}

Result<> sys_rt_sigprocmask(Machine& m, TaskId self, int how, UserPtr<SigSet> set, UserPtr<SigSet> old,
                            std::size_t size)
{
    constexpr int sig_block = 0, sig_unblock = 1, sig_setmask = 2;
    if (size != sigset_size) return EINVAL;
    const SigSet before = m[self].blocked;
    if (set) {
        const SigSet wanted = TRY(get_user(m, self, set)) & ~never_blocked;
        switch (how) {
            case sig_block:
                set_blocked(m, self, before | wanted);
                break;
            case sig_unblock:
                set_blocked(m, self, before & ~wanted);
                break;
            case sig_setmask:
                set_blocked(m, self, wanted);
                break;
            default:
                return EINVAL;
        }
    }
    if (old) TRY(put_user(m, self, old, before));
    return {};
}

Result<> sys_rt_sigpending(Machine& m, TaskId self, UserPtr<> set, std::size_t size)
{
    if (size > sigset_size) return EINVAL;
    const SigSet pending = pending_signals(m, self) & m[self].blocked;
    const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(&pending), size);
    if (write_user(m, m[self].mm, set.address, bytes) != size) return EFAULT;
    return {};
}

Outcome<> sys_rt_sigsuspend(Machine& m, TaskId self, UserPtr<SigSet> set, std::size_t size)
{
    if (size != sigset_size) return EINVAL;
    if (!resuming(m, self)) {
        const SigSet wanted = TRY(get_user(m, self, set));
        Task& t = m.edit(self);
        t.saved_sigmask = t.blocked;
        set_blocked(m, self, wanted);
    }
    if (!signal_pending(m, self)) return sleep_for_signal(self);
    m.edit(self).flags |= task_restore_sigmask;
    return ERESTARTNOHAND;
}

Outcome<> sys_pause(Machine& m, TaskId self)
{
    if (signal_pending(m, self)) return ERESTARTNOHAND;
    return sleep_for_signal(self);
}

Outcome<> sys_rt_sigtimedwait(Machine& m, TaskId self, UserPtr<SigSet> uset, UserPtr<SigInfoBytes> uinfo,
                              UserPtr<> timeout, std::size_t size)
{
    struct Wait {
        SigSet set;
        uint64_t deadline_ns;
    };
    if (size != sigset_size) return EINVAL;
    Wait wait{};
    if (resuming(m, self)) {
        wait = kept<Wait>(m, self);
    } else {
        wait.set = TRY(get_user(m, self, uset)) & ~never_blocked;
        wait.deadline_ns = TRY(fetch_deadline(m, self, timeout));
    }
    const SigInfo info = dequeue_signal(m, self, wait.set);
    const bool expired = timed_out(m, self) || wait.deadline_ns <= monotonic_ns(m);
    if (info.signo == 0 && !expired && !signal_pending(m, self)) {
        if (!(m[self].flags & task_sigwait)) begin_sigwait(m, self, wait.set);
        return sleep_for_signal(self).keep(wait).until(wait.deadline_ns);
    }
    end_sigwait(m, self);
    if (info.signo == 0) return expired ? EAGAIN : EINTR;
    if (uinfo) TRY(put_user(m, self, uinfo, encode_siginfo(info)));
    return info.signo;
}

}  // namespace norn
