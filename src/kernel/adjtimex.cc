// adjtimex(2): what a clock that nobody steers says of itself.
#include "kernel/task.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "mm/usercopy.h"

namespace norn {

namespace {

/// struct timex.
struct Timex {
    uint32_t modes = 0, pad1 = 0;
    int64_t offset = 0, frequency = 0, most_error = 0, estimated_error = 0;
    int32_t status = 0, pad2 = 0;
    int64_t constant = 0, precision = 0, tolerance = 0;
    Timeval time;
    int64_t tick_us = 0, pps_frequency = 0, jitter = 0;
    int32_t shift = 0, pad3 = 0;
    int64_t stability = 0, jitter_count = 0, calibrations = 0, errors = 0, stable_count = 0;
    int32_t tai = 0;
    std::array<int32_t, 11> unused{};
};
static_assert(sizeof(Timex) == 208);

enum TimexMode : uint32_t {
    adj_tick = 0x4000,
    adj_adjtime = 0x8000,
    adj_offset_singleshot = 0x8001,
    adj_offset_readonly = 0x2000,
};
constexpr int CAP_SYS_TIME_ = 25;
constexpr int time_error = 5;

Result<> check_modes(const Machine& m, TaskId self, const Timex& wanted)
{
    constexpr int64_t least_tick = 9000, most_tick = 11000;
    const uint32_t modes = wanted.modes;
    if (modes & adj_adjtime) {
        if (!(modes & 1)) return EINVAL;
        if (modes & adj_offset_readonly) return {};
    }
    if (modes && !capable(m, self, CAP_SYS_TIME_)) return EPERM;
    if (!(modes & adj_adjtime) && (modes & adj_tick) &&
        (wanted.tick_us < least_tick || wanted.tick_us > most_tick))
        return EINVAL;
    // Virtual time goes at the pace of the machine: there is nothing to steer.
    return modes ? EOPNOTSUPP : Errno::none;
}

}  // namespace

Result<int> sys_adjtimex(Machine& m, TaskId self, UserPtr<> buffer)
{
    constexpr int64_t most_error_us = 16'000'000, tolerance_ppm = 500;
    constexpr int unsynchronized = 0x40;
    Timex state = TRY(get_user(m, self, buffer.as<Timex>()));
    TRY(check_modes(m, self, state));
    const int64_t now = realtime_ns(m);
    state.offset = state.frequency = 0;
    state.most_error = state.estimated_error = most_error_us;
    state.status = unsynchronized;
    state.constant = 2;
    state.precision = 1;
    state.tolerance = tolerance_ppm << 16;
    state.time = {now / static_cast<int64_t>(ns_per_sec), now % static_cast<int64_t>(ns_per_sec) / 1000};
    state.tick_us = 10'000;
    state.tai = 0;
    TRY(put_user(m, self, buffer.as<Timex>(), state));
    return time_error;
}

Result<int> sys_clock_adjtime(Machine& m, TaskId self, int clock, UserPtr<> buffer)
{
    TRY(read_clock(m, self, clock));
    if (clock != clock_realtime) return EOPNOTSUPP;
    return sys_adjtimex(m, self, buffer);
}

}  // namespace norn
