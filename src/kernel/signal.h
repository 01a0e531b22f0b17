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

/// What is sent. `code`: SI_USER 0, SI_KERNEL 0x80, SI_QUEUE -1, SI_TIMER -2, SI_TKILL -6, CLD_… .
struct SigInfo {
    int signo = 0, code = 0, error = 0;
    uint32_t pid = 0, uid = 0;
    int status = 0;
    uint64_t value = 0;  ///< sigval, or the faulting address
    uint64_t utime = 0, stime = 0;
    TimerId timer;
    bool fault_address = false;
};

/// To a process (any thread that does not block it takes it).
void send_signal_group(Machine& m, SignalId target, const SigInfo& info);
/// To one thread.
void send_signal_task(Machine& m, TaskId target, const SigInfo& info);
/// From the kernel to the thread that caused it; cannot be ignored or blocked (force_sig).
void force_signal(Machine& m, TaskId self, const SigInfo& info);
/// To every process of a group.
void send_signal_pgrp(Machine& m, PidId pgrp, const SigInfo& info);
/// Is there a signal that this task must act on before it goes on?
[[nodiscard]] bool signal_pending(const Machine& m, TaskId self);
/// The same, counting only those that kill.
[[nodiscard]] bool fatal_signal_pending(const Machine& m, TaskId self);
/// On the way back to the program: acts on pending signals (frame, stop, death) and settles the result
/// of the system call that was interrupted (restart or EINTR).
void deliver_signals(Machine& m, TaskId self);

}  // namespace norn
