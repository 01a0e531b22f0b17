// The host's clocks.
#pragma once

#include <cstdint>

namespace norn {

/// Nanoseconds that never jump.
[[nodiscard]] uint64_t wall_clock_ns();
/// Nanoseconds since 1970.
[[nodiscard]] int64_t host_realtime_ns();

}  // namespace norn
