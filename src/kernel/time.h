// Clocks (clock_gettime(2)) and the sleeps that follow them.
#pragma once

#include <algorithm>

#include "norn/machine.h"
#include "norn/result.h"
#include "norn/user_ptr.h"

namespace norn {

struct Timespec {
    int64_t sec = 0;
    int64_t nsec = 0;
};
struct Timeval {
    int64_t sec = 0;
    int64_t usec = 0;
};

enum ClockId : int {
    clock_realtime = 0,
    clock_monotonic = 1,
    clock_process_cpu = 2,
    clock_thread_cpu = 3,
    clock_monotonic_raw = 4,
    clock_realtime_coarse = 5,
    clock_monotonic_coarse = 6,
    clock_boottime = 7,
    clock_realtime_alarm = 8,
    clock_boottime_alarm = 9,
    clock_tai = 11,
};

inline constexpr uint64_t ns_per_sec = 1'000'000'000;

/// Linux's KTIME_MAX, at which times saturate: it never comes.
inline constexpr uint64_t ktime_max = INT64_MAX;

/// EINVAL unless it is a time that may be waited for. Far futures are ktime_max.
[[nodiscard]] Result<uint64_t> timespec_ns(const Timespec& time);
[[nodiscard]] Result<uint64_t> timeval_ns(const Timeval& time);
[[nodiscard]] Timespec to_timespec(uint64_t ns);
/// When something ends that lasts: at ktime_max if not before.
[[nodiscard]] constexpr uint64_t ktime_add_safe(uint64_t start_ns, uint64_t lasts_ns)
{
    return lasts_ns > ktime_max - std::min(start_ns, ktime_max) ? ktime_max : start_ns + lasts_ns;
}
/// The monotonic time at which CLOCK_REALTIME shows `ns`.
[[nodiscard]] uint64_t deadline_from_realtime(const Machine& m, uint64_t ns);

/// What a clock shows. EINVAL: no such clock, or the task behind it is gone.
[[nodiscard]] Result<uint64_t> read_clock(const Machine& m, TaskId self, int clock);
/// Processor time of a thread group, gone threads included.
[[nodiscard]] uint64_t group_user_ns(const Machine& m, SignalId group);
[[nodiscard]] uint64_t group_cpu_ns(const Machine& m, SignalId group);

Result<> sys_clock_gettime(Machine& m, TaskId self, int clock, UserPtr<Timespec> to);
Result<> sys_clock_getres(Machine& m, TaskId self, int clock, UserPtr<Timespec> to);
Result<> sys_clock_settime(Machine& m, TaskId self, int clock, UserPtr<Timespec> from);
Result<int> sys_adjtimex(Machine& m, TaskId self, UserPtr<> buffer);
Result<int> sys_clock_adjtime(Machine& m, TaskId self, int clock, UserPtr<> buffer);
Result<> sys_gettimeofday(Machine& m, TaskId self, UserPtr<Timeval> tv, UserPtr<uint64_t> tz);
Result<> sys_settimeofday(Machine& m, TaskId self, UserPtr<Timeval> tv, UserPtr<uint64_t> tz);
Result<int64_t> sys_time(Machine& m, TaskId self, UserPtr<int64_t> to);
Result<int64_t> sys_times(Machine& m, TaskId self, UserPtr<std::array<int64_t, 4>> to);
Outcome<> sys_nanosleep(Machine& m, TaskId self, UserPtr<Timespec> request, UserPtr<Timespec> remain);
Outcome<> sys_clock_nanosleep(Machine& m, TaskId self, int clock, int flags, UserPtr<Timespec> request,
                              UserPtr<Timespec> remain);
/// Only what has nothing to go on with comes here: dispatch enters the interrupted call itself.
Result<> sys_restart_syscall(Machine& m, TaskId self);

}  // namespace norn
