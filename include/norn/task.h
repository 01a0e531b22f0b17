// Tasks, thread groups, pids, signals: the records. Linux's names for Linux's things; what a field
// means is what it means in sched.h, sched/signal.h, pid.h and cred.h.
//
//  T1  A task is on its thread group's list (Signal::threads, through Task::next_thread/prev_thread)
//      from clone until it is released; the leader is first.
//  T2  A leader is on exactly one children list, its real_parent's (Task::children), through
//      next_sibling/prev_sibling.
//  T3  Every task holds one Pid of type pid; a leader holds tgid, pgid and sid as well, through its
//      Signal.
#pragma once

#include <array>
#include <cstdint>

#include "norn/fields.h"
#include "norn/sleep.h"
#include "x86/cpu.h"

namespace norn {

/// The letter of /proc/PID/stat, by what the task waits for (proc(5)).
enum class TaskState : uint8_t {
    running,          ///< R: runs or could run
    interruptible,    ///< S
    uninterruptible,  ///< D, also killable sleeps
    stopped,          ///< T
    traced,           ///< t
    zombie,           ///< Z
    dead,             ///< X: between reaping and release; never seen from outside
};

using SigSet = uint64_t;  ///< bit n-1 is signal n

constexpr SigSet sig_bit(int signal)
{
    return 1ull << (signal - 1);
}

enum TaskFlag : uint32_t {
    task_exiting = 1u << 0,          ///< PF_EXITING
    task_forked_no_exec = 1u << 1,   ///< PF_FORKNOEXEC
    task_restore_sigmask = 1u << 2,  ///< saved_sigmask is to be put back if no handler runs
    task_in_syscall = 1u << 3,       ///< sleeps inside a system call, to be entered again
    task_timed_out = 1u << 4,        ///< the sleep's deadline passed
    task_handed = 1u << 5,           ///< a waker stored a result in `handed`
    task_vforked = 1u << 6,          ///< a vfork parent waits for us
    task_signaled = 1u << 7,         ///< killed by a signal (PF_SIGNALED)
    task_fpu_used = 1u << 8,
    task_on_queue = 1u << 9,  ///< on the run queue
    task_woken_by_signal = 1u << 10,
    task_no_setaffinity = 1u << 11,
    task_single_step = 1u << 12,
    task_kernel_init = 1u << 13,   ///< Norn's own init: no program, adopts and reaps
    task_stop_pending = 1u << 14,  ///< takes part in a group stop (JOBCTL_STOP_PENDING)
    task_no_new_privs = 1u << 15,
    task_no_rdtsc = 1u << 16,       ///< PR_SET_TSC: rdtsc faults
    task_sigwait = 1u << 17,        ///< in rt_sigtimedwait: saved_sigmask is what is really blocked
    task_sigpending = 1u << 18,     ///< must look at its signals before it goes on (TIF_SIGPENDING)
    task_reset_on_fork = 1u << 24,  ///< SCHED_RESET_ON_FORK
};

struct Task {
    x86::Cpu cpu;               ///< registers at the last boundary; orig_rax is `syscall`
    uint64_t orig_rax = ~0ull;  ///< number of the system call in progress; ~0: none
    uint64_t lineage = 0;       ///< hash of the path of clone ordinals: the key of its choices
    uint64_t vruntime = 0;      ///< scheduled time weighted by nice, in ns; real-time: place in its queue
    uint64_t ready_ns = 0;      ///< runs no earlier: when it woke or its last slice ended
    uint64_t utime_ns = 0, stime_ns = 0, start_ns = 0;
    uint64_t retired = 0;                                ///< guest instructions
    SigSet blocked = 0, saved_sigmask = 0, pending = 0;  ///< pending: private to this thread
    uint64_t clear_child_tid = 0, robust_list = 0, rseq_area = 0;
    uint64_t altstack_sp = 0, altstack_size = 0;
    uint64_t handed = 0;  ///< result stored by a waker (S3)
    uint64_t affinity = ~0ull;
    uint64_t min_flt = 0, maj_flt = 0, nvcsw = 0, nivcsw = 0;
    uint64_t fault_address = 0;  ///< of the last page fault, as a signal frame shows it (cr2)

    MmId mm;
    FilesId files;
    FsId fs;
    SighandId sighand;
    SignalId signal;
    CredId cred;
    PidId pid;
    TaskId group_leader, real_parent, parent;
    TaskId first_child, last_child, next_sibling, prev_sibling;  ///< T2; of leaders
    TaskId next_thread, prev_thread;                             ///< T1
    TaskId heap_child, heap_next, heap_prev;                     ///< run queue (pairing heap)
    SigQueueId queue_first, queue_last;                          ///< pending, private
    WaitId waits;                                                ///< first of our wait entries
    TimerId sleep_timer;                                         ///< deadline of the sleep
    KeptId kept;
    FpuId fpu;                   ///< none: the initial state
    WaitQueue vfork_done;        ///< QueueKind::vfork
    WaitQueue signal_wait;       ///< QueueKind::signal
    WaitQueue stop_wait;         ///< QueueKind::stopped
    uint32_t vruntime_rest = 0;  ///< what does not make up one of `vruntime` yet

    uint32_t flags = 0;
    int32_t exit_code = 0;     ///< as wait4 gives it: status << 8, or the signal
    int32_t exit_signal = 17;  ///< -1: a thread, never reported
    int16_t pdeath_signal = 0;
    uint16_t io_priority = 0;     ///< class << 13 | level, as ioprio_set(2) takes it
    uint32_t altstack_flags = 2;  ///< SS_DISABLE
    uint32_t personality = 0;
    uint32_t clone_ordinal = 0;  ///< children cloned so far: the next part of lineage
    uint32_t choices = 0;        ///< choices asked so far
    uint32_t rseq_len = 0, rseq_sig = 0;
    int32_t exec_id = 0;
    uint16_t cpu_number = 0;
    int8_t nice = 0;
    uint8_t policy = 0;  ///< SCHED_OTHER 0, FIFO 1, RR 2, BATCH 3, IDLE 5
    uint8_t rt_priority = 0;
    TaskState state = TaskState::running;
    SleepMode sleep_mode = SleepMode::interruptible;
    uint8_t outside_input = 0;  ///< sleeps on input that may still come
    std::array<char, 16> comm{};
    uint32_t timer_slack_ns = 50'000, default_timer_slack_ns = 50'000;
    uint16_t fault_vector = 0;   ///< of the last exception (trapno)
    uint16_t restart_call = 0;   ///< number of the call that restart_syscall goes on with, if `kept`
    uint32_t fault_error = 0;    ///< its error code
    uint32_t spin_retired = 0;   ///< `retired` at the last clock read or yield (low 32 bits)
    uint32_t spins = 0;          ///< clock reads and yields in a row
    uint32_t sched_choices = 0;  ///< scheduling choices asked so far; `choices` counts all others

    NORN_FIELDS(cpu.gpr, cpu.rip, cpu.rflags, cpu.fs_base, cpu.gs_base, orig_rax, lineage, vruntime, ready_ns,
                utime_ns, stime_ns, start_ns, retired, blocked, saved_sigmask, pending, clear_child_tid,
                robust_list, rseq_area, altstack_sp, altstack_size, handed, affinity, min_flt, maj_flt, nvcsw,
                nivcsw, fault_address, mm, files, fs, sighand, signal, cred, pid, group_leader, real_parent,
                parent, first_child, last_child, next_sibling, prev_sibling, next_thread, prev_thread,
                heap_child, heap_next, heap_prev, queue_first, queue_last, waits, sleep_timer, kept, fpu,
                vfork_done, signal_wait, stop_wait, vruntime_rest, flags, exit_code, exit_signal,
                pdeath_signal, io_priority, altstack_flags, personality, clone_ordinal, choices, rseq_len,
                rseq_sig, exec_id, cpu_number, nice, policy, rt_priority, state, sleep_mode, outside_input,
                comm, timer_slack_ns, default_timer_slack_ns, fault_vector, restart_call, fault_error,
                spin_retired, spins, sched_choices)
};

struct RLimit {
    uint64_t soft = ~0ull, hard = ~0ull;
    NORN_FIELDS(soft, hard)
};

/// An interval timer (setitimer(2)).
struct IntervalTimer {
    uint64_t interval_ns = 0;
    uint64_t expires_ns = 0;  ///< real: monotonic time; virtual and prof: consumed time; 0 disarmed
    TimerId armed;            ///< real only
    uint32_t unused = 0;
    NORN_FIELDS(interval_ns, expires_ns, armed, unused)
};

enum SignalFlag : uint32_t {
    signal_group_exit = 1u << 0,
    signal_stop_stopped = 1u << 1,
    signal_stop_continued = 1u << 2,
    signal_unkillable = 1u << 3,  ///< init of its namespace
    signal_child_subreaper = 1u << 4,
    signal_has_child_subreaper = 1u << 5,
    signal_cld_stopped = 1u << 6,  ///< parent is to be told
    signal_cld_continued = 1u << 7,
    signal_leader = 1u << 9,  ///< session leader
    signal_exec_in_progress = 1u << 10,
};

/// What a thread group shares (sched/signal.h).
struct Signal {
    std::array<RLimit, 16> rlimit{};
    std::array<IntervalTimer, 3> itimer{};  ///< ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF
    SigSet pending = 0;
    uint64_t utime_ns = 0, stime_ns = 0;    ///< of threads that are gone
    uint64_t cutime_ns = 0, cstime_ns = 0;  ///< of reaped children
    uint64_t min_flt = 0, maj_flt = 0, cmin_flt = 0, cmaj_flt = 0, nvcsw = 0, nivcsw = 0, cnvcsw = 0,
             cnivcsw = 0;
    uint64_t maxrss = 0, cmaxrss = 0;  ///< pages
    TaskId first_thread, last_thread;  ///< T1
    PidId tgid, pgrp, session;
    SignalId pgrp_next, pgrp_prev;        ///< members of pgrp
    SignalId session_next, session_prev;  ///< members of session
    TtyId tty;
    SigQueueId queue_first, queue_last;
    WaitQueue wait_chldexit;  ///< QueueKind::child
    WaitQueue exec_alone;     ///< QueueKind::exec_alone
    TaskId group_exec_task;
    uint32_t flags = 0;
    uint32_t refs = 0;        ///< tasks, live or zombie
    uint32_t live = 0;        ///< tasks not past exit
    uint32_t stop_count = 0;  ///< threads still to stop
    int32_t group_exit_code = 0;
    int32_t oom_score_adj = 0;
    TimerId posix_timers;  ///< timer_create(2), a list
    uint32_t next_posix_timer = 0;
    uint32_t cpu_timers = 0;  ///< which of ITIMER_VIRTUAL (1), ITIMER_PROF (2), posix (4) are armed
    TaskId curr_target;       ///< where the round of shared signals goes on
    uint32_t unused = 0;
    NORN_FIELDS(rlimit, itimer, pending, utime_ns, stime_ns, cutime_ns, cstime_ns, min_flt, maj_flt, cmin_flt,
                cmaj_flt, nvcsw, nivcsw, cnvcsw, cnivcsw, maxrss, cmaxrss, first_thread, last_thread, tgid,
                pgrp, session, pgrp_next, pgrp_prev, session_next, session_prev, tty, queue_first, queue_last,
                wait_chldexit, exec_alone, group_exec_task, flags, refs, live, stop_count, group_exit_code,
                oom_score_adj, posix_timers, next_posix_timer, cpu_timers, curr_target, unused)
};

struct SigAction {
    uint64_t handler = 0;  ///< 0 SIG_DFL, 1 SIG_IGN
    uint64_t flags = 0;
    uint64_t restorer = 0;
    SigSet mask = 0;
    NORN_FIELDS(handler, flags, restorer, mask)
};

struct Sighand {
    std::array<SigAction, 64> action{};
    uint32_t refs = 0;
    uint32_t unused = 0;
    NORN_FIELDS(action, refs, unused)
};

/// A queued signal's siginfo (sigaction(2)); `value` is the union's second word.
struct SigQueue {
    int32_t signo = 0, code = 0, error = 0;
    int32_t pid = 0;
    uint32_t uid = 0;
    int32_t status = 0;
    uint64_t value = 0;  ///< sigval, si_addr, si_band
    uint64_t utime = 0, stime = 0;
    SigQueueId next;
    TimerId timer;  ///< that sent it (si_overrun)
    uint32_t has_fault_address = 0;
    UserId user;  ///< who is charged for it (RLIMIT_SIGPENDING)
    NORN_FIELDS(signo, code, error, pid, uid, status, value, utime, stime, next, timer, has_fault_address,
                user)
};

enum PidUse : uint8_t { pid_task, pid_tgid, pid_pgid, pid_sid };

/// A number and who bears it. Freed when nobody does.
struct Pid {
    uint32_t number = 0;
    uint32_t refs = 0;       ///< open pidfds and files that remember an owner
    TaskId task;             ///< bears it as its pid
    SignalId group_first;    ///< members of this process group
    SignalId session_first;  ///< members of this session
    uint32_t uses = 0;       ///< thread (0/1) + groups and sessions that name it
    WaitQueue pidfd_wait;    ///< QueueKind::pidfd
    TtyId session_tty;       ///< controlling terminal of the session
    uint32_t unused = 0;
    NORN_FIELDS(number, refs, task, group_first, session_first, uses, pidfd_wait, session_tty, unused)
};

struct Cred {
    uint32_t uid = 0, euid = 0, suid = 0, fsuid = 0;
    uint32_t gid = 0, egid = 0, sgid = 0, fsgid = 0;
    uint64_t cap_inheritable = 0, cap_permitted = 0, cap_effective = 0, cap_bounding = 0, cap_ambient = 0;
    std::array<uint32_t, 64> groups{};
    uint32_t group_count = 0;
    uint32_t securebits = 0;
    uint32_t refs = 0;
    UserId user;  ///< of uid
    NORN_FIELDS(uid, euid, suid, fsuid, gid, egid, sgid, fsgid, cap_inheritable, cap_permitted, cap_effective,
                cap_bounding, cap_ambient, groups, group_count, securebits, refs, user)
};

/// What one real user id is charged for, on the list from MachineState::first_user.
struct User {
    uint32_t uid = 0;
    uint32_t refs = 0;        ///< credentials and queued signals
    uint32_t processes = 0;   ///< tasks, zombies included (RLIMIT_NPROC)
    uint32_t sigpending = 0;  ///< queued signals (RLIMIT_SIGPENDING)
    UserId next;
    NORN_FIELDS(uid, refs, processes, sigpending, next)
};

enum class TimerKind : uint8_t { sleep, itimer_real, posix, timerfd };

/// A deadline in the machine's heap of timers, earliest first; equal ones by `sequence`.
struct Timer {
    uint64_t expires_ns = never;
    uint64_t sequence = 0;
    uint64_t interval_ns = 0;
    uint64_t value = 0;  ///< posix: sigval
    TimerId heap_child, heap_next, heap_prev;
    TimerId next;     ///< posix: next of the process
    TaskId task;      ///< sleep: who; posix: SIGEV_THREAD_ID target
    SignalId signal;  ///< itimer_real, posix
    FileId file;      ///< timerfd
    TimerKind kind = TimerKind::sleep;
    uint8_t clock = 0, notify = 0, armed = 0;
    int32_t signo = 0, id = 0, overrun = 0, last_overrun = 0;
    uint64_t armings = 0;  ///< posix: a signal from before the last one counts no more
    NORN_FIELDS(expires_ns, sequence, interval_ns, value, heap_child, heap_next, heap_prev, next, task,
                signal, file, kind, clock, notify, armed, signo, id, overrun, last_overrun, armings)
};

/// 60 bytes of packed vector state: a bitmap of the 16-byte lanes that differ from the initial
/// state, then those lanes, so a thread that touched few lanes stays small.
struct FpuChunk {
    FpuId next;
    std::array<uint8_t, 60> bytes{};
    NORN_FIELDS(next, bytes)
};

/// The waiters of one futex word (futex(2)); where it is: FutexKey of kernel/futex.h.
struct FutexQueue {
    uint64_t object = 0;
    uint64_t address = 0;
    WaitQueue waiters;  ///< QueueKind::futex
    TaskId pi_owner;    ///< LOCK_PI waiters: who holds the lock; none: plain waiters
    FutexId next;       ///< same bucket
    NORN_FIELDS(object, address, waiters, pi_owner, next)
};

}  // namespace norn
