// Signals: generating, blocking, delivering (signal(7), sigaction(2)).
#pragma once

#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

enum Sig : int {
    SIGHUP_ = 1,
    SIGINT_ = 2,
    SIGQUIT_ = 3,
    SIGILL_ = 4,
    SIGTRAP_ = 5,
    SIGABRT_ = 6,
    SIGBUS_ = 7,
    SIGFPE_ = 8,
    SIGKILL_ = 9,
    SIGUSR1_ = 10,
    SIGSEGV_ = 11,
    SIGUSR2_ = 12,
    SIGPIPE_ = 13,
    SIGALRM_ = 14,
    SIGTERM_ = 15,
    SIGSTKFLT_ = 16,
    SIGCHLD_ = 17,
    SIGCONT_ = 18,
    SIGSTOP_ = 19,
    SIGTSTP_ = 20,
    SIGTTIN_ = 21,
    SIGTTOU_ = 22,
    SIGURG_ = 23,
    SIGXCPU_ = 24,
    SIGXFSZ_ = 25,
    SIGVTALRM_ = 26,
    SIGPROF_ = 27,
    SIGWINCH_ = 28,
    SIGIO_ = 29,
    SIGPWR_ = 30,
    SIGSYS_ = 31,
    SIGRTMIN_ = 32,
    SIGRTMAX_ = 64,
};

/// si_code of sigaction(2).
enum SigCode : int {
    SI_USER_ = 0,
    SI_KERNEL_ = 0x80,
    SI_QUEUE_ = -1,
    SI_TIMER_ = -2,
    SI_TKILL_ = -6,
    CLD_EXITED_ = 1,
    CLD_KILLED_ = 2,
    CLD_DUMPED_ = 3,
    CLD_STOPPED_ = 5,
    CLD_CONTINUED_ = 6,
};

/// sa_flags of sigaction(2).
enum SigActionFlag : uint64_t {
    SA_NOCLDSTOP_ = 1,
    SA_NOCLDWAIT_ = 2,
    SA_SIGINFO_ = 4,
    SA_RESTORER_ = 0x04000000,
    SA_ONSTACK_ = 0x08000000,
    SA_RESTART_ = 0x10000000,
    SA_NODEFER_ = 0x40000000,
    SA_RESETHAND_ = 0x80000000,
};

inline constexpr uint64_t SIG_DFL_ = 0;
inline constexpr uint64_t SIG_IGN_ = 1;

// Sets of signals by what they do when nothing was said (signal(7)).
inline constexpr SigSet stop_signals =
    sig_bit(SIGSTOP_) | sig_bit(SIGTSTP_) | sig_bit(SIGTTIN_) | sig_bit(SIGTTOU_);
inline constexpr SigSet ignored_by_default =
    sig_bit(SIGCONT_) | sig_bit(SIGCHLD_) | sig_bit(SIGWINCH_) | sig_bit(SIGURG_);
inline constexpr SigSet core_signals =
    sig_bit(SIGQUIT_) | sig_bit(SIGILL_) | sig_bit(SIGTRAP_) | sig_bit(SIGABRT_) | sig_bit(SIGFPE_) |
    sig_bit(SIGSEGV_) | sig_bit(SIGBUS_) | sig_bit(SIGSYS_) | sig_bit(SIGXCPU_) | sig_bit(SIGXFSZ_);
inline constexpr SigSet fault_signals = sig_bit(SIGSEGV_) | sig_bit(SIGBUS_) | sig_bit(SIGILL_) |
                                        sig_bit(SIGTRAP_) | sig_bit(SIGFPE_) | sig_bit(SIGSYS_);
inline constexpr SigSet never_blocked = sig_bit(SIGKILL_) | sig_bit(SIGSTOP_);

/// What is sent. `value`: sigval, or the faulting address.
struct SigInfo {
    int signo = 0, code = 0, error = 0;
    uint32_t pid = 0, uid = 0;
    int status = 0;
    uint64_t value = 0;
    uint64_t utime = 0, stime = 0;
    TimerId timer;
    bool fault_address = false;
};

// Generating. A signal that is ignored and not blocked is dropped here.

/// To a process (any thread that does not block it takes it).
void send_signal_group(Machine& m, SignalId target, const SigInfo& info);
/// To a process, this thread of it first.
void send_signal_through(Machine& m, TaskId target, const SigInfo& info);
/// To one thread.
void send_signal_task(Machine& m, TaskId target, const SigInfo& info);
/// What sigqueue and tgkill do: EAGAIN when a real-time signal is over RLIMIT_SIGPENDING.
[[nodiscard]] Result<> queue_signal(Machine& m, TaskId target, const SigInfo& info, bool to_thread);
/// From the kernel to the thread that caused it; cannot be ignored or blocked (force_sig).
void force_signal(Machine& m, TaskId self, const SigInfo& info);
/// The same where not even a handler may run (force_fatal_sig).
void force_fatal_signal(Machine& m, TaskId self, int signo);
/// To every process of a group.
void send_signal_pgrp(Machine& m, PidId pgrp, const SigInfo& info);
/// What kill(2) by `sender` says.
[[nodiscard]] SigInfo user_siginfo(const Machine& m, TaskId sender, int signo);

/// Is there a signal that this task must act on before it goes on?
[[nodiscard]] inline bool signal_pending(const Machine& m, TaskId self)
{
    return m[self].flags & task_sigpending;
}
/// The same, counting only those that kill.
[[nodiscard]] inline bool fatal_signal_pending(const Machine& m, TaskId self)
{
    return m[self].pending & sig_bit(SIGKILL_);
}
/// On the way back to the program: acts on pending signals (frame, stop, death) and settles the result
/// of the system call that was interrupted (restart or EINTR). May stop or end the task: look at its
/// state, and whether it is alive, before going on.
void deliver_signals(Machine& m, TaskId self);
/// Does `deliver_signals` have anything to do?
[[nodiscard]] bool needs_delivery(const Machine& m, TaskId self);

// Queues.

/// Pending signals of a thread, its group's included.
[[nodiscard]] inline SigSet pending_signals(const Machine& m, TaskId task)
{
    return m[task].pending | m[m[task].signal].pending;
}
/// Takes the next signal of `set`: the thread's own first, faults before others, then the lowest number.
/// Signo 0: none. signalfd reads so too; its readers wait on QueueKind::signal of themselves.
SigInfo dequeue_signal(Machine& m, TaskId self, SigSet set);
/// Drops all of a set from a queue.
void flush_task_signals(Machine& m, TaskId task, SigSet set);
void flush_group_signals(Machine& m, SignalId signal, SigSet set);
/// Sets task_sigpending by what is pending and not blocked now.
void recalc_sigpending(Machine& m, TaskId task);
/// The thread's mask becomes `blocked`; shared signals that it now blocks go to threads that do not.
void set_blocked(Machine& m, TaskId self, SigSet blocked);
/// Marks the task and wakes it if it can act on a signal (`fatal`: out of killable sleeps and stops too).
void signal_wake_up(Machine& m, TaskId task, bool fatal);
/// SIGKILL to all threads of the group but `self`; how many there were.
uint32_t zap_other_threads(Machine& m, TaskId self);
/// Handlers as execve leaves them.
void flush_signal_handlers(Machine& m, SighandId sighand, bool ignored_too);

[[nodiscard]] inline const SigAction& action_of(const Machine& m, TaskId task, int signo)
{
    return m[m[task].sighand].action[static_cast<std::size_t>(signo - 1)];
}

/// May `sender` signal `target` (kill(2))? EPERM.
[[nodiscard]] Result<> check_kill_permission(const Machine& m, TaskId sender, TaskId target, int signo);

/// To every member of a group that `self` may signal. ESRCH, EPERM when it reaches none.
[[nodiscard]] Result<> kill_pgrp(Machine& m, TaskId self, PidId pgrp, const SigInfo& info);

// Between SigInfo and the 128 bytes that programs see (sigaction(2)).
using SigInfoBytes = std::array<uint8_t, 128>;
[[nodiscard]] SigInfoBytes encode_siginfo(const SigInfo& info);
[[nodiscard]] SigInfo decode_siginfo(const SigInfoBytes& bytes);

// Frames (sigframe.cc).

/// Builds the frame for a handler and points the registers at it. EFAULT when the stack cannot take it.
[[nodiscard]] Result<> setup_rt_frame(Machine& m, TaskId self, const SigAction& action, const SigInfo& info,
                                      SigSet saved_mask);

}  // namespace norn
