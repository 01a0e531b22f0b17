// Timers that send signals: alarm(2), setitimer(2), timer_create(2).
#pragma once

#include "kernel/time.h"
#include "norn/machine.h"
#include "norn/result.h"
#include "norn/user_ptr.h"

namespace norn {

/// A deadline of ITIMER_REAL passed: SIGALRM to the process, and the next one.
void itimer_real_expired(Machine& m, TimerId timer);
/// A deadline of a timer_create timer passed.
void posix_timer_expired(Machine& m, TimerId timer);
/// A signal of a timer is about to be delivered; `armings` is its entry's utime. How often the timer expired
/// besides (si_overrun); -1: it was armed anew or deleted since, so nothing is to be delivered.
[[nodiscard]] int posix_timer_deliver(Machine& m, TimerId timer, uint64_t armings);

/// The last thread of the process ends.
void exit_itimers(Machine& m, SignalId signal);
/// execve: timers of timer_create go, interval timers stay.
void exec_timers(Machine& m, SignalId signal);

/// Does the process have timers or a limit on its processor time?
[[nodiscard]] bool has_cpu_timers(const Machine& m, SignalId group);
[[nodiscard]] inline bool has_cpu_timers(const Machine& m, TaskId self)
{
    return m.state.cpu_time_limited && has_cpu_timers(m, m[self].signal);
}
/// Nanoseconds of processor time until a limit or timer on the process's time is due; `never`.
[[nodiscard]] uint64_t cpu_timer_left(const Machine& m, TaskId self);
/// Sends the signals of those that are due.
void check_cpu_timers(Machine& m, TaskId self);
/// The part of timer_create's timers in these two.
[[nodiscard]] uint64_t posix_cpu_timer_left(const Machine& m, TaskId self);
void check_posix_cpu_timers(Machine& m, TaskId self);

struct ITimerVal {
    Timeval interval, value;
};
struct ITimerSpec {
    Timespec interval, value;
};
/// struct sigevent of x86-64.
struct SigEvent {
    uint64_t value = 0;
    int32_t signo = 0;
    int32_t notify = 0;
    int32_t tid = 0;
    std::array<int32_t, 11> pad{};
};

Result<unsigned> sys_alarm(Machine& m, TaskId self, unsigned seconds);
Result<> sys_setitimer(Machine& m, TaskId self, int which, UserPtr<ITimerVal> value, UserPtr<ITimerVal> old);
Result<> sys_getitimer(Machine& m, TaskId self, int which, UserPtr<ITimerVal> value);
Result<> sys_timer_create(Machine& m, TaskId self, int clock, UserPtr<SigEvent> event, UserPtr<int> id);
Result<> sys_timer_settime(Machine& m, TaskId self, int id, int flags, UserPtr<ITimerSpec> value,
                           UserPtr<ITimerSpec> old);
Result<> sys_timer_gettime(Machine& m, TaskId self, int id, UserPtr<ITimerSpec> value);
Result<int> sys_timer_getoverrun(Machine& m, TaskId self, int id);
Result<> sys_timer_delete(Machine& m, TaskId self, int id);

}  // namespace norn
