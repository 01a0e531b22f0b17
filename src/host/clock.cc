#include "host/clock.h"

#include <ctime>

namespace norn {

namespace {
int64_t read_clock(clockid_t clock)
{
    timespec now = {};
    clock_gettime(clock, &now);
    return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}
}  // namespace

uint64_t wall_clock_ns()
{
    return static_cast<uint64_t>(read_clock(CLOCK_MONOTONIC));
}

int64_t host_realtime_ns()
{
    return read_clock(CLOCK_REALTIME);
}

}  // namespace norn
