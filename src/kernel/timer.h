// Deadlines and clocks. Virtual time advances with instructions retired and jumps to the next deadline
// when nothing can run.
#pragma once

#include <algorithm>

#include "kernel/time.h"
#include "norn/machine.h"

namespace norn {

/// Guest instructions in a nanosecond of virtual time.
inline constexpr uint64_t instructions_per_ns = 2;

void arm_timer(Machine& m, TimerId timer, uint64_t expires_ns);
void disarm_timer(Machine& m, TimerId timer);
/// The earliest deadline; `never` if there is none that comes before a clock shows ktime_max.
[[nodiscard]] inline uint64_t next_deadline(const Machine& m)
{
    if (!m.state.timers) return never;
    const uint64_t last_ns =
        ktime_max - static_cast<uint64_t>(std::max<int64_t>(m.state.realtime_offset_ns, 0));
    const uint64_t first_ns = m[m.state.timers].expires_ns;
    return first_ns < last_ns ? first_ns : never;
}
/// Fires all timers that are due at `m.state.now_ns`.
void expire_timers(Machine& m);
/// Lets idle time pass: `now_ns` becomes at least `ns`. Between runs.
void set_clock(Machine& m, uint64_t ns);

[[nodiscard]] inline uint64_t monotonic_ns(const Machine& m)
{
    return m.state.now_ns;
}
[[nodiscard]] inline int64_t realtime_ns(const Machine& m)
{
    int64_t ns = 0;
    const auto now = static_cast<int64_t>(std::min(m.state.now_ns, ktime_max));
    return __builtin_add_overflow(now, m.state.realtime_offset_ns, &ns) ? static_cast<int64_t>(ktime_max)
                                                                        : ns;
}

}  // namespace norn
