// Timers of timer_create(2), listed from Signal::posix_timers, newest first.
//
//  P1  At most one signal of a timer is queued; what expires meanwhile is counted as overrun.
//  P2  A queued signal counts only while its timer lives and was not armed again: the entry carries
//      `armings` (in utime, which SI_TIMER does not use).
#include "kernel/posix_timer.h"

#include <algorithm>

#include "kernel/signal.h"
#include "kernel/task.h"
#include "kernel/timer.h"
#include "mm/usercopy.h"

namespace norn {

namespace {
enum Notify : int { SIGEV_SIGNAL_ = 0, SIGEV_NONE_ = 1, SIGEV_THREAD_ = 2, SIGEV_THREAD_ID_ = 4 };
constexpr int RLIMIT_SIGPENDING_ = 11;
constexpr int TIMER_ABSTIME_ = 1;
constexpr int32_t most_overruns = INT32_MAX;
constexpr uint32_t cpu_timers_posix = 4;

bool is_cpu_clock(int clock)
{
    return clock == clock_process_cpu || clock == clock_thread_cpu;
}

bool is_cpu_timer(const Timer& timer)
{
    return is_cpu_clock(timer.clock);
}

Result<TimerId> find_timer(const Machine& m, TaskId self, int id)
{
    for (TimerId t = m[m[self].signal].posix_timers; t; t = m[t].next)
        if (m[t].id == id) return t;
    return EINVAL;
}

/// The time that a timer measures, now: `armed` and `expires_ns` are in it.
uint64_t measured(const Machine& m, const Timer& timer)
{
    if (!is_cpu_timer(timer)) return m.state.now_ns;
    if (timer.clock == clock_process_cpu) return group_cpu_ns(m, timer.signal);
    return m.alive(timer.task) ? m[timer.task].utime_ns + m[timer.task].stime_ns : 0;
}

bool is_queued(const Machine& m, TimerId timer)
{
    const Timer& record = m[timer];
    const bool to_thread = record.notify == SIGEV_THREAD_ID_;
    if (to_thread && !m.alive(record.task)) return false;
    SigQueueId entry = to_thread ? m[record.task].queue_first : m[record.signal].queue_first;
    for (; entry; entry = m[entry].next)
        if (m[entry].timer == timer && m[entry].utime == record.armings) return true;
    return false;
}

void notify(Machine& m, TimerId timer)
{
    const Timer record = m[timer];
    if (record.notify == SIGEV_NONE_) return;
    SigInfo info;
    info.signo = record.signo;
    info.code = -2;  // SI_TIMER
    info.pid = static_cast<uint32_t>(record.id);
    info.value = record.value;
    info.utime = record.armings;
    info.timer = timer;
    if (record.notify != SIGEV_THREAD_ID_)
        static_cast<void>(send_signal_group(m, record.signal, info));
    else if (m.alive(record.task))
        static_cast<void>(send_signal_task(m, record.task, info));
}

/// `expirations` moments passed: one signal for them, if none is on its way.
void expire(Machine& m, TimerId timer, uint64_t expirations)
{
    const bool queued = is_queued(m, timer);
    const uint64_t missed = queued ? expirations : expirations - 1;
    Timer& record = m.edit(timer);
    const uint64_t sum = static_cast<uint64_t>(record.overrun) + missed;
    record.overrun = static_cast<int32_t>(std::min<uint64_t>(sum, most_overruns));
    if (!queued) notify(m, timer);
}

void mark_cpu_timers(Machine& m, SignalId group)
{
    bool armed = false;
    for (TimerId t = m[group].posix_timers; t; t = m[t].next)
        armed = armed || (is_cpu_timer(m[t]) && m[t].expires_ns != never);
    uint32_t& bits = m.edit(group).cpu_timers;
    bits = armed ? bits | cpu_timers_posix : bits & ~cpu_timers_posix;
    m.state.cpu_time_limited = 1;
}

/// `never` disarms.
void arm(Machine& m, TimerId timer, uint64_t expires_ns)
{
    if (is_cpu_timer(m[timer])) {
        m.edit(timer).expires_ns = expires_ns;
        mark_cpu_timers(m, m[timer].signal);
    } else if (expires_ns == never) {
        disarm_timer(m, timer);
        m.edit(timer).expires_ns = never;
    } else {
        arm_timer(m, timer, expires_ns);
    }
}

/// The timer is due: counts what passed, arms the next.
void due(Machine& m, TimerId timer)
{
    const Timer record = m[timer];
    const uint64_t now = measured(m, record);
    uint64_t expirations = 1;
    uint64_t next = never;
    if (record.interval_ns != 0) {
        expirations += (now - record.expires_ns) / record.interval_ns;
        next = ktime_add_safe(record.expires_ns, expirations * record.interval_ns);
    }
    arm(m, timer, next);
    expire(m, timer, expirations);
}

ITimerSpec shown(const Machine& m, TimerId timer)
{
    const Timer& record = m[timer];
    ITimerSpec spec{to_timespec(record.interval_ns), {}};
    if (record.expires_ns == never) return spec;
    const uint64_t now = measured(m, record);
    spec.value = to_timespec(std::max<uint64_t>(record.expires_ns - std::min(record.expires_ns, now), 1));
    return spec;
}

/// The caller's own processor time also goes by a pid of 0, or by its own, in clock_getcpuclockid(3)'s
/// numbers: glibc never uses the names. Other numbers stay as they are.
int named_clock(const Machine& m, TaskId self, int clock)
{
    constexpr int virt = 1, of_thread = 4;
    const auto number = static_cast<uint32_t>(~(clock >> 3));
    if (clock >= 0 || (clock & 3) == virt || (number != 0 && find_task(m, number) != self)) return clock;
    return clock & of_thread ? clock_thread_cpu : clock_process_cpu;
}

/// The clock of a timer. EINVAL: there is none; EOPNOTSUPP: one that has no timers.
Result<int> timer_clock(const Machine& m, TaskId self, int number)
{
    TRY(read_clock(m, self, number));
    const int clock = named_clock(m, self, number);
    switch (clock) {
        case clock_realtime:
        case clock_monotonic:
        case clock_boottime:
        case clock_tai:
        case clock_process_cpu:
        case clock_thread_cpu:
            return clock;
        default:  // those that are only read, and alarms, for which there is no real-time clock's hardware
            return EOPNOTSUPP;
    }
}

Result<> check_event(const Machine& m, TaskId self, const SigEvent& event, TaskId& thread)
{
    if (event.notify == SIGEV_NONE_) return {};
    if (event.notify == SIGEV_THREAD_ID_) {
        thread = find_task(m, static_cast<uint32_t>(event.tid));
        if (!thread || m[thread].signal != m[self].signal) return EINVAL;
    } else if (event.notify != SIGEV_SIGNAL_ && event.notify != SIGEV_THREAD_) {
        return EINVAL;
    }
    if (event.signo < 1 || event.signo > SIGRTMAX_) return EINVAL;
    return {};
}

void delete_timer(Machine& m, SignalId group, TimerId timer)
{
    arm(m, timer, never);
    const TimerId after = m[timer].next;
    if (m[group].posix_timers == timer) {
        m.edit(group).posix_timers = after;
    } else {
        TimerId before = m[group].posix_timers;
        while (m[before].next != timer) before = m[before].next;
        m.edit(before).next = after;
    }
    m.free(timer);
}
}  // namespace

void posix_timer_expired(Machine& m, TimerId timer)
{
    due(m, timer);
}

int posix_timer_deliver(Machine& m, TimerId timer, uint64_t armings)
{
    if (!m.alive(timer) || m[timer].armings != armings) return -1;
    Timer& record = m.edit(timer);
    record.last_overrun = record.overrun;
    record.overrun = 0;
    return record.last_overrun;
}

uint64_t posix_cpu_timer_left(const Machine& m, TaskId self)
{
    uint64_t left = never;
    for (TimerId t = m[m[self].signal].posix_timers; t; t = m[t].next) {
        if (!is_cpu_timer(m[t]) || m[t].expires_ns == never) continue;
        const uint64_t now = measured(m, m[t]);
        left = std::min(left, m[t].expires_ns - std::min(m[t].expires_ns, now));
    }
    return left;
}

void check_posix_cpu_timers(Machine& m, TaskId self)
{
    for (TimerId t = m[m[self].signal].posix_timers; t; t = m[t].next)
        if (is_cpu_timer(m[t]) && m[t].expires_ns <= measured(m, m[t])) due(m, t);
}

void exec_timers(Machine& m, SignalId group)
{
    while (const TimerId timer = m[group].posix_timers) delete_timer(m, group, timer);
    m.edit(group).next_posix_timer = 0;
}

Result<> sys_timer_create(Machine& m, TaskId self, int clock, UserPtr<SigEvent> event, UserPtr<int> id)
{
    const SignalId group = m[self].signal;
    SigEvent wanted;
    wanted.signo = SIGALRM_;
    wanted.notify = SIGEV_SIGNAL_;
    wanted.value = m[group].next_posix_timer;
    if (event) wanted = TRY(get_user(m, self, event));
    clock = TRY(timer_clock(m, self, clock));
    if (m[m[m[self].cred].user].sigpending >= rlimit(m, self, RLIMIT_SIGPENDING_).soft) return EAGAIN;
    TaskId thread = self;
    TRY(check_event(m, self, wanted, thread));
    const auto number = static_cast<int32_t>(m[group].next_posix_timer);
    TRY(put_user(m, self, id, number));
    const TimerId timer = m.allocate<Timer>();
    Timer& record = m.edit(timer);
    record.kind = TimerKind::posix;
    record.signal = group;
    record.task = thread;
    record.value = wanted.value;
    record.signo = wanted.signo;
    record.notify = static_cast<uint8_t>(wanted.notify);
    record.clock = static_cast<uint8_t>(clock);
    record.id = number;
    record.next = m[group].posix_timers;
    Signal& signal = m.edit(group);
    signal.posix_timers = timer;
    ++signal.next_posix_timer;
    return {};
}

Result<> sys_timer_settime(Machine& m, TaskId self, int id, int flags, UserPtr<ITimerSpec> value,
                           UserPtr<ITimerSpec> old)
{
    if (!value) return EINVAL;
    const ITimerSpec wanted = TRY(get_user(m, self, value));
    const uint64_t value_ns = TRY(timespec_ns(wanted.value));
    const uint64_t interval_ns = TRY(timespec_ns(wanted.interval));
    const TimerId timer = TRY(find_timer(m, self, id));
    const ITimerSpec before = shown(m, timer);
    uint64_t expires = never;
    if (value_ns != 0) {
        const bool wall = m[timer].clock == clock_realtime || m[timer].clock == clock_tai;
        if (!(flags & TIMER_ABSTIME_))
            expires = ktime_add_safe(measured(m, m[timer]), value_ns);
        else
            expires = wall ? deadline_from_realtime(m, value_ns) : value_ns;
    }
    Timer& record = m.edit(timer);
    record.interval_ns = interval_ns;
    record.overrun = record.last_overrun = 0;
    ++record.armings;
    arm(m, timer, expires);
    if (old) return put_user(m, self, old, before);
    return {};
}

Result<> sys_timer_gettime(Machine& m, TaskId self, int id, UserPtr<ITimerSpec> value)
{
    const TimerId timer = TRY(find_timer(m, self, id));
    return put_user(m, self, value, shown(m, timer));
}

Result<int> sys_timer_getoverrun(Machine& m, TaskId self, int id)
{
    return m[TRY(find_timer(m, self, id))].last_overrun;
}

Result<> sys_timer_delete(Machine& m, TaskId self, int id)
{
    const TimerId timer = TRY(find_timer(m, self, id));
    delete_timer(m, m[self].signal, timer);
    return {};
}

}  // namespace norn
