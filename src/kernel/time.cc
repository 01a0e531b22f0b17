#include "kernel/time.h"

#include <algorithm>

#include "kernel/sched.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "kernel/timer.h"
#include "kernel/wait_queue.h"
#include "mm/usercopy.h"

namespace norn {

namespace {
constexpr uint64_t tick_ns = 4'000'000;               // CONFIG_HZ=250
constexpr uint64_t clock_tick_ns = ns_per_sec / 100;  // USER_HZ
// TIME_SETTOD_SEC_MAX: the clock may be set as far as leaves it thirty years to run.
constexpr int64_t latest_setting_s = static_cast<int64_t>(ktime_max / ns_per_sec) - 30ll * 365 * 24 * 3600;
constexpr int TIMER_ABSTIME_ = 1;
constexpr int CAP_SYS_TIME_ = 25;

uint64_t thread_cpu_ns(const Machine& m, TaskId task)
{
    return m[task].utime_ns + m[task].stime_ns;
}

/// Clocks of other threads and processes: the inverted pid over three bits (clock_getcpuclockid(3)).
Result<uint64_t> read_cpu_clock(const Machine& m, TaskId self, int clock)
{
    const auto number = static_cast<uint32_t>(~(clock >> 3));
    const int which = clock & 3;
    if (which == 3) return EINVAL;
    const TaskId task = number == 0 ? self : find_task(m, number);
    if (!task) return EINVAL;
    if (clock & 4) {
        if (m[task].signal != m[self].signal) return EINVAL;
        return which == 1 ? m[task].utime_ns : thread_cpu_ns(m, task);
    }
    if (m[task].group_leader != task) return EINVAL;
    return which == 1 ? group_user_ns(m, m[task].signal) : group_cpu_ns(m, m[task].signal);
}

uint64_t realtime(const Machine& m)
{
    return static_cast<uint64_t>(std::max<int64_t>(realtime_ns(m), 0));
}
}  // namespace

Result<uint64_t> timespec_ns(const Timespec& time)
{
    if (time.sec < 0 || time.nsec < 0 || time.nsec >= static_cast<int64_t>(ns_per_sec)) return EINVAL;
    const auto sec = static_cast<uint64_t>(time.sec);
    if (sec >= ktime_max / ns_per_sec) return ktime_max;
    return sec * ns_per_sec + static_cast<uint64_t>(time.nsec);
}

Result<uint64_t> timeval_ns(const Timeval& time)
{
    if (time.usec < 0 || time.usec >= 1'000'000) return EINVAL;
    return timespec_ns({time.sec, time.usec * 1000});
}

Timespec to_timespec(uint64_t ns)
{
    return {static_cast<int64_t>(ns / ns_per_sec), static_cast<int64_t>(ns % ns_per_sec)};
}

uint64_t deadline_from_realtime(const Machine& m, uint64_t ns)
{
    int64_t monotonic = 0;
    if (__builtin_sub_overflow(static_cast<int64_t>(ns), m.state.realtime_offset_ns, &monotonic))
        return ktime_max;
    return static_cast<uint64_t>(std::max<int64_t>(monotonic, 0));
}

uint64_t group_user_ns(const Machine& m, SignalId group)
{
    uint64_t sum = m[group].utime_ns;
    for (TaskId t = m[group].first_thread; t; t = m[t].next_thread) sum += m[t].utime_ns;
    return sum;
}

uint64_t group_cpu_ns(const Machine& m, SignalId group)
{
    uint64_t sum = m[group].utime_ns + m[group].stime_ns;
    for (TaskId t = m[group].first_thread; t; t = m[t].next_thread) sum += thread_cpu_ns(m, t);
    return sum;
}

Result<uint64_t> read_clock(const Machine& m, TaskId self, int clock)
{
    if (clock < 0) return read_cpu_clock(m, self, clock);
    switch (clock) {
        case clock_realtime:
        case clock_realtime_alarm:
        case clock_tai:
            return realtime(m);
        case clock_realtime_coarse:
            return realtime(m) / tick_ns * tick_ns;
        case clock_monotonic:
        case clock_monotonic_raw:
        case clock_boottime:
        case clock_boottime_alarm:
            return m.state.now_ns;
        case clock_monotonic_coarse:
            return m.state.now_ns / tick_ns * tick_ns;
        case clock_process_cpu:
            return group_cpu_ns(m, m[self].signal);
        case clock_thread_cpu:
            return thread_cpu_ns(m, self);
        default:
            return EINVAL;
    }
}

Result<> sys_clock_gettime(Machine& m, TaskId self, int clock, UserPtr<Timespec> to)
{
    spend_spinning(m, self);
    const uint64_t ns = TRY(read_clock(m, self, clock));
    return put_user(m, self, to, to_timespec(ns));
}

Result<> sys_clock_getres(Machine& m, TaskId self, int clock, UserPtr<Timespec> to)
{
    TRY(read_clock(m, self, clock));
    if (clock == clock_realtime_alarm || clock == clock_boottime_alarm) return EINVAL;
    if (!to) return {};
    const bool coarse = clock == clock_realtime_coarse || clock == clock_monotonic_coarse;
    return put_user(m, self, to, to_timespec(coarse ? tick_ns : 1));
}

namespace {
/// Real time cannot be set to before the machine began.
Result<> set_realtime(Machine& m, TaskId self, const Timespec& time)
{
    const uint64_t ns = TRY(timespec_ns(time));
    if (time.sec >= latest_setting_s) return EINVAL;
    if (!capable(m, self, CAP_SYS_TIME_)) return EPERM;
    if (ns < m.state.now_ns) return EINVAL;
    m.state.realtime_offset_ns = static_cast<int64_t>(ns - m.state.now_ns);
    return {};
}
}  // namespace

Result<> sys_clock_settime(Machine& m, TaskId self, int clock, UserPtr<Timespec> from)
{
    if (clock != clock_realtime) return EINVAL;
    return set_realtime(m, self, TRY(get_user(m, self, from)));
}

Result<> sys_gettimeofday(Machine& m, TaskId self, UserPtr<Timeval> tv, UserPtr<uint64_t> tz)
{
    spend_spinning(m, self);
    const uint64_t ns = realtime(m);
    if (tv) {
        const auto usec = static_cast<int64_t>(ns % ns_per_sec / 1000);
        TRY(put_user(m, self, tv, Timeval{static_cast<int64_t>(ns / ns_per_sec), usec}));
    }
    if (tz) TRY(put_user(m, self, tz, uint64_t{0}));
    return {};
}

Result<> sys_settimeofday(Machine& m, TaskId self, UserPtr<Timeval> tv, UserPtr<uint64_t> /*tz*/)
{
    if (!tv) return capable(m, self, CAP_SYS_TIME_) ? Result<>() : Result<>(EPERM);
    const Timeval time = TRY(get_user(m, self, tv));
    if (time.usec < 0 || time.usec >= 1'000'000) return EINVAL;
    return set_realtime(m, self, {time.sec, time.usec * 1000});
}

Result<int64_t> sys_time(Machine& m, TaskId self, UserPtr<int64_t> to)
{
    spend_spinning(m, self);
    const auto seconds = static_cast<int64_t>(realtime(m) / ns_per_sec);
    if (to) TRY(put_user(m, self, to, seconds));
    return seconds;
}

Result<int64_t> sys_times(Machine& m, TaskId self, UserPtr<std::array<int64_t, 4>> to)
{
    const SignalId group = m[self].signal;
    const auto ticks = [](uint64_t ns) { return static_cast<int64_t>(ns / clock_tick_ns); };
    if (to) {
        const uint64_t user = group_user_ns(m, group);
        const std::array<int64_t, 4> used{ticks(user), ticks(group_cpu_ns(m, group) - user),
                                          ticks(m[group].cutime_ns), ticks(m[group].cstime_ns)};
        TRY(put_user(m, self, to, used));
    }
    return ticks(m.state.now_ns);
}

namespace {
struct SleepUntil {
    uint64_t deadline_ns = 0;
};

/// `remain` null: not to be told.
Outcome<> sleep_until(Machine& m, TaskId self, uint64_t deadline_ns, bool absolute, UserPtr<Timespec> remain)
{
    if (resuming(m, self)) {
        if (timed_out(m, self)) return uint64_t{0};
        deadline_ns = kept<SleepUntil>(m, self).deadline_ns;
        if (signal_pending(m, self)) {
            if (absolute) return ERESTARTNOHAND;
            const uint64_t left = std::max(deadline_ns, m.state.now_ns) - m.state.now_ns;
            if (remain) TRY(put_user(m, self, remain, to_timespec(left)));
            return ERESTART_RESTARTBLOCK;
        }
    }
    if (deadline_ns <= m.state.now_ns) return uint64_t{0};
    return Sleep{}.keep(SleepUntil{deadline_ns}).until(deadline_ns);
}
}  // namespace

Outcome<> sys_nanosleep(Machine& m, TaskId self, UserPtr<Timespec> request, UserPtr<Timespec> remain)
{
    uint64_t deadline = 0;
    if (!resuming(m, self)) {
        const Timespec time = TRY(get_user(m, self, request));
        deadline = ktime_add_safe(m.state.now_ns, TRY(timespec_ns(time)));
    }
    return sleep_until(m, self, deadline, false, remain);
}

Outcome<> sys_clock_nanosleep(Machine& m, TaskId self, int clock, int flags, UserPtr<Timespec> request,
                              UserPtr<Timespec> remain)
{
    const bool absolute = flags & TIMER_ABSTIME_;
    uint64_t deadline = 0;
    if (!resuming(m, self)) {
        TRY(read_clock(m, self, clock));
        const bool wall = clock == clock_realtime || clock == clock_tai;
        if (!wall && clock != clock_monotonic && clock != clock_boottime) return EOPNOTSUPP;
        const Timespec time = TRY(get_user(m, self, request));
        const uint64_t ns = TRY(timespec_ns(time));
        if (!absolute)
            deadline = ktime_add_safe(m.state.now_ns, ns);
        else
            deadline = wall ? deadline_from_realtime(m, ns) : ns;
    }
    return sleep_until(m, self, deadline, absolute, remain);
}

Result<> sys_restart_syscall(Machine& /*m*/, TaskId /*self*/)
{
    return EINTR;
}

}  // namespace norn
