// Timing for the benchmark: commands, medians, and the dependent add that calibrates cycles.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace bench {

using Command = std::vector<std::string>;
using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Wall time of a command, which must end with 0; otherwise the benchmark ends, since its figure would
/// mean nothing. Its output goes to /dev/null, or to `output`.
double time_command(const Command& command, std::string* output = nullptr);

[[nodiscard]] double median(std::vector<double> values);
[[nodiscard]] double geometric_mean(const std::vector<double>& values);

/// Seconds of one dependent add: a calibrated cycle. Measured anew.
[[nodiscard]] double dependent_add();

}  // namespace bench
