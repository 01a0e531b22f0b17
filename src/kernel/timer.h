// Deadlines and clocks. Virtual time advances with instructions retired and jumps to the next deadline
// when nothing can run.
#pragma once

#include "norn/machine.h"

namespace norn {

/// Guest instructions in a nanosecond of virtual time.
inline constexpr uint64_t instructions_per_ns = 2;

void arm_timer(Machine& m, TimerId timer, uint64_t expires_ns);
void disarm_timer(Machine& m, TimerId timer);
/// The earliest deadline; `never` if there is none.
[[nodiscard]] inline uint64_t next_deadline(const Machine& m)
{
    return m.state.timers ? m[m.state.timers].expires_ns : never;
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
    return static_cast<int64_t>(m.state.now_ns) + m.state.realtime_offset_ns;
}

}  // namespace norn
