// What is measured inside one process, on machines as values: translation, copies, exploration, and
// machines with very many tasks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

/// A shell command on an engine that knows nothing, and again in the same machine.
struct Translation {
    double cold = 0, warm = 0;  ///< seconds
    uint64_t instructions = 0;  ///< translated
    [[nodiscard]] double per_second() const { return static_cast<double>(instructions) / (cold - warm); }
};
[[nodiscard]] Translation measure_translation(const std::string& command);

/// Exploring `argv` on all processors.
[[nodiscard]] double seeds_per_second(const std::vector<std::string>& argv, uint64_t seeds, bool from_start);

/// Costs with so many sleeping tasks, in seconds a task.
struct Scale {
    double create = 0, wake = 0, exit = 0;
    double look_up = 0, at_random = 0;  ///< by number: in order, and in none
    double copy = 0;                    ///< seconds to copy the machine while they sleep
    double bytes = 0;                   ///< kernel state of a sleeping task
};
/// `sleepers`: the guest program of that name.
[[nodiscard]] Scale measure_scale(const std::string& sleepers, uint64_t tasks);

}  // namespace bench
