// timerfd_create(2): a timer that is read. Its clocks all run with the machine's; those of real time are
// an offset apart.
#include <algorithm>

#include "fs/abi.h"
#include "fs/eventfd.h"
#include "fs/syscalls.h"
#include "kernel/signal.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "kernel/wait_queue.h"

namespace norn {

namespace {

enum TimerfdFlag : int { tfd_timer_abstime = 1, tfd_timer_cancel_on_set = 2 };

struct TimerSpec {
    Timespec interval, value;
};

bool realtime_clock(int clock)
{
    return clock == 0 || clock == 8;
}

bool known_clock(int clock)
{
    constexpr int clock_monotonic = 1;
    constexpr int clock_boottime = 7;
    constexpr int clock_boottime_alarm = 9;
    return realtime_clock(clock) || clock == clock_monotonic || clock == clock_boottime ||
           clock == clock_boottime_alarm;
}

Result<FileId> timerfd_at(const Machine& m, TaskId self, int fd)
{
    const FileId file = TRY(fget(m, self, fd));
    if (m[file].kind != FileKind::timerfd) return EINVAL;
    return file;
}

TimerSpec remaining(const Machine& m, FileId file)
{
    const Timer& timer = m[m[file].timer];
    TimerSpec left;
    left.interval = to_timespec(timer.interval_ns);
    const uint64_t now = monotonic_ns(m);
    if (timer.armed) left.value = to_timespec(std::max<uint64_t>(timer.expires_ns, now + 1) - now);
    return left;
}

void set_timer(Machine& m, FileId file, uint64_t value_ns, uint64_t interval_ns, bool absolute)
{
    const TimerId timer = m[file].timer;
    disarm_timer(m, timer);
    m.edit(file).value = 0;
    m.edit(timer).interval_ns = interval_ns;
    if (value_ns == 0) return;
    if (!absolute)
        arm_timer(m, timer, ktime_add_safe(monotonic_ns(m), value_ns));
    else
        arm_timer(m, timer, realtime_clock(m[file].clock) ? deadline_from_realtime(m, value_ns) : value_ns);
}

}  // namespace

void timerfd_expired(Machine& m, TimerId timer)
{
    const FileId file = m[timer].file;
    const uint64_t interval = m[timer].interval_ns;
    const uint64_t expired = m[timer].expires_ns;
    const uint64_t late = monotonic_ns(m) - std::min(expired, monotonic_ns(m));
    const uint64_t times = interval ? 1 + late / interval : 1;
    m.edit(file).value += times;
    if (interval) arm_timer(m, timer, ktime_add_safe(expired, times * interval));
    wake_up(m, queue_of(QueueKind::event, file.raw), poll_in);
}

void timerfd_release(Machine& m, FileId file)
{
    const TimerId timer = m[file].timer;
    disarm_timer(m, timer);
    m.free(timer);
}

Outcome<> timerfd_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to)
{
    IoCursor cursor(to);
    if (cursor.left() < sizeof(uint64_t)) return EINVAL;
    const uint64_t expirations = m[file].value;
    if (expirations == 0) {
        if (m[file].flags & o_nonblock) return EAGAIN;
        if (signal_pending(m, self)) return ERESTARTSYS;
        return Sleep{queue_of(QueueKind::event, file.raw)};
    }
    m.edit(file).value = 0;
    const auto* bytes = reinterpret_cast<const uint8_t*>(&expirations);
    if (cursor.put(m, self, {bytes, sizeof expirations}) < sizeof expirations) return EFAULT;
    return uint64_t{sizeof expirations};
}

Result<int> sys_timerfd_create(Machine& m, TaskId self, int clock, int flags)
{
    const auto bits = static_cast<uint32_t>(flags);
    if (bits & ~(o_cloexec | o_nonblock)) return EINVAL;
    if (!known_clock(clock)) return EINVAL;
    const FileId file = new_anon_file(m, FileKind::timerfd, o_rdwr | (bits & o_nonblock));
    const TimerId timer = m.allocate<Timer>();
    Timer& armed_later = m.edit(timer);
    armed_later.kind = TimerKind::timerfd;
    armed_later.file = file;
    File& made = m.edit(file);
    made.timer = timer;
    made.clock = static_cast<uint8_t>(clock);
    return install_anon_file(m, self, file, bits & o_cloexec);
}

Result<> sys_timerfd_settime(Machine& m, TaskId self, int fd, int flags, UserPtr<> new_value,
                             UserPtr<> old_value)
{
    const TimerSpec spec = TRY(get_user(m, self, new_value.as<TimerSpec>()));
    if (flags & ~(tfd_timer_abstime | tfd_timer_cancel_on_set)) return EINVAL;
    const uint64_t value = TRY(timespec_ns(spec.value));
    const uint64_t interval = TRY(timespec_ns(spec.interval));
    const FileId file = TRY(timerfd_at(m, self, fd));
    const TimerSpec old = remaining(m, file);
    set_timer(m, file, value, interval, flags & tfd_timer_abstime);
    if (old_value) return put_user(m, self, old_value.as<TimerSpec>(), old);
    return {};
}

Result<> sys_timerfd_gettime(Machine& m, TaskId self, int fd, UserPtr<> value)
{
    const FileId file = TRY(timerfd_at(m, self, fd));
    return put_user(m, self, value.as<TimerSpec>(), remaining(m, file));
}

}  // namespace norn
