// Interval timers (setitimer(2)) and what else a process's processor time sets off.
#include <algorithm>

#include "kernel/posix_timer.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "kernel/timer.h"
#include "mm/usercopy.h"

namespace norn {

namespace {
enum Which : int { itimer_real = 0, itimer_virtual = 1, itimer_prof = 2 };
constexpr int RLIMIT_CPU_ = 0;
constexpr uint64_t ns_per_usec = 1000;

IntervalTimer& edit_itimer(Machine& m, SignalId group, int which)
{
    return m.edit(group).itimer[static_cast<std::size_t>(which)];
}

const IntervalTimer& itimer(const Machine& m, SignalId group, int which)
{
    return m[group].itimer[static_cast<std::size_t>(which)];
}

/// The time that a timer measures, now.
uint64_t measured(const Machine& m, SignalId group, int which)
{
    if (which == itimer_real) return m.state.now_ns;
    return which == itimer_virtual ? group_user_ns(m, group) : group_cpu_ns(m, group);
}

Timeval to_timeval(uint64_t ns)
{
    return {static_cast<int64_t>(ns / ns_per_sec), static_cast<int64_t>(ns % ns_per_sec / ns_per_usec)};
}

uint64_t left_ns(const Machine& m, SignalId group, int which)
{
    const uint64_t expires = itimer(m, group, which).expires_ns;
    return expires - std::min(expires, measured(m, group, which));
}

/// An armed timer never shows zero, even when it is due this moment.
uint64_t shown_ns(const Machine& m, SignalId group, int which)
{
    return itimer(m, group, which).expires_ns == 0 ? 0 : std::max(left_ns(m, group, which), ns_per_usec);
}

ITimerVal shown(const Machine& m, SignalId group, int which)
{
    return {to_timeval(itimer(m, group, which).interval_ns), to_timeval(shown_ns(m, group, which))};
}

void arm_real(Machine& m, SignalId group, uint64_t expires_ns)
{
    TimerId timer = itimer(m, group, itimer_real).armed;
    if (expires_ns == 0) {
        if (!timer) return;
        disarm_timer(m, timer);
        m.free(timer);
        edit_itimer(m, group, itimer_real).armed = {};
        return;
    }
    if (!timer) {
        timer = m.allocate<Timer>();
        Timer& record = m.edit(timer);
        record.kind = TimerKind::itimer_real;
        record.signal = group;
        edit_itimer(m, group, itimer_real).armed = timer;
    }
    arm_timer(m, timer, expires_ns);
}

void set(Machine& m, SignalId group, int which, uint64_t value_ns, uint64_t interval_ns)
{
    const uint64_t expires = value_ns == 0 ? 0 : ktime_add_safe(measured(m, group, which), value_ns);
    IntervalTimer& timer = edit_itimer(m, group, which);
    timer.interval_ns = interval_ns;
    timer.expires_ns = expires;
    if (which == itimer_real) {
        // Unlike the others, a disarmed one forgets its interval.
        if (expires == 0) timer.interval_ns = 0;
        arm_real(m, group, expires);
        return;
    }
    const auto bit = static_cast<uint32_t>(which);
    uint32_t& armed = m.edit(group).cpu_timers;
    armed = expires ? armed | bit : armed & ~bit;
    m.state.cpu_time_limited = 1;
}

void signal_group(Machine& m, SignalId group, int signo)
{
    SigInfo info;
    info.signo = signo;
    info.code = 0x80;  // SI_KERNEL
    static_cast<void>(send_signal_group(m, group, info));
}

/// The first time on the grid of `interval` from `expired` that is still to come; 0: fires once.
uint64_t next_on_grid(uint64_t expired, uint64_t interval, uint64_t now)
{
    if (interval == 0) return 0;
    return ktime_add_safe(expired, ((now - expired) / interval + 1) * interval);
}

void check_itimer(Machine& m, SignalId group, int which, int signo)
{
    const IntervalTimer timer = itimer(m, group, which);
    const uint64_t used = measured(m, group, which);
    if (timer.expires_ns == 0 || used < timer.expires_ns) return;
    const uint64_t next = next_on_grid(timer.expires_ns, timer.interval_ns, used);
    edit_itimer(m, group, which).expires_ns = next;
    if (next == 0) m.edit(group).cpu_timers &= ~static_cast<uint32_t>(which);
    signal_group(m, group, signo);
}

void check_rlimit_cpu(Machine& m, TaskId self)
{
    const RLimit limit = rlimit(m, self, RLIMIT_CPU_);
    if (limit.soft == ~0ull) return;
    const SignalId group = m[self].signal;
    const uint64_t seconds = group_cpu_ns(m, group) / ns_per_sec;
    if (limit.hard != ~0ull && seconds >= limit.hard) {
        signal_group(m, group, SIGKILL_);
    } else if (seconds >= limit.soft) {
        // Once a second: the soft limit moves up.
        m.edit(group).rlimit[RLIMIT_CPU_].soft = seconds + 1;
        signal_group(m, group, SIGXCPU_);
    }
}
}  // namespace

void itimer_real_expired(Machine& m, TimerId timer)
{
    const SignalId group = m[timer].signal;
    const IntervalTimer expired = itimer(m, group, itimer_real);
    const uint64_t next = next_on_grid(expired.expires_ns, expired.interval_ns, m.state.now_ns);
    edit_itimer(m, group, itimer_real).expires_ns = next;
    arm_real(m, group, next);
    signal_group(m, group, SIGALRM_);
}

bool has_cpu_timers(const Machine& m, SignalId group)
{
    const Signal& signal = m[group];
    return signal.cpu_timers != 0 || signal.rlimit[RLIMIT_CPU_].soft != ~0ull;
}

uint64_t cpu_timer_left(const Machine& m, TaskId self)
{
    const SignalId group = m[self].signal;
    uint64_t left = posix_cpu_timer_left(m, self);
    for (const int which : {itimer_virtual, itimer_prof})
        if (itimer(m, group, which).expires_ns != 0) left = std::min(left, left_ns(m, group, which));
    if (const uint64_t soft = rlimit(m, self, RLIMIT_CPU_).soft; soft < never / ns_per_sec) {
        const uint64_t used = group_cpu_ns(m, group);
        left = std::min(left, std::max(soft * ns_per_sec, used) - used);
    }
    return std::max<uint64_t>(left, 1);
}

void check_cpu_timers(Machine& m, TaskId self)
{
    const SignalId group = m[self].signal;
    check_itimer(m, group, itimer_virtual, SIGVTALRM_);
    check_itimer(m, group, itimer_prof, SIGPROF_);
    check_posix_cpu_timers(m, self);
    check_rlimit_cpu(m, self);
}

void exit_itimers(Machine& m, SignalId group)
{
    exec_timers(m, group);
    for (const int which : {itimer_real, itimer_virtual, itimer_prof}) set(m, group, which, 0, 0);
}

Result<unsigned> sys_alarm(Machine& m, TaskId self, unsigned seconds)
{
    const SignalId group = m[self].signal;
    const uint64_t left = shown_ns(m, group, itimer_real);
    set(m, group, itimer_real, seconds * ns_per_sec, 0);
    const uint64_t rounded = (left + ns_per_sec / 2) / ns_per_sec;
    return static_cast<unsigned>(left != 0 && rounded == 0 ? 1 : rounded);
}

Result<> sys_setitimer(Machine& m, TaskId self, int which, UserPtr<ITimerVal> value, UserPtr<ITimerVal> old)
{
    ITimerVal wanted;
    if (value) wanted = TRY(get_user(m, self, value));
    const uint64_t value_ns = TRY(timeval_ns(wanted.value));
    const uint64_t interval_ns = TRY(timeval_ns(wanted.interval));
    if (which < itimer_real || which > itimer_prof) return EINVAL;
    const SignalId group = m[self].signal;
    const ITimerVal before = shown(m, group, which);
    set(m, group, which, value_ns, interval_ns);
    if (old) return put_user(m, self, old, before);
    return {};
}

Result<> sys_getitimer(Machine& m, TaskId self, int which, UserPtr<ITimerVal> value)
{
    if (which < itimer_real || which > itimer_prof) return EINVAL;
    return put_user(m, self, value, shown(m, m[self].signal, which));
}

}  // namespace norn
