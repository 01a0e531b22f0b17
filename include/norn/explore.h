// Exploring: the same program under many schedules, from copies of one machine.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "norn/run.h"

namespace norn {

struct ExploreOptions {
    uint64_t runs = 1000;  ///< in all, the fair one included
    uint64_t first_seed = 1;
    unsigned workers = 1;      ///< host threads
    int expected_status = 0;   ///< of PROGRAM, as a shell shows it
    bool from_start = false;   ///< starts each run over instead of copying a machine
    bool check_status = true;  ///< PROGRAM's exit status
    bool check_deadlock = true;
    bool check_zombies = true;
};

/// One way to fail, and the smallest run that shows it.
struct Finding {
    std::string rule;   ///< which oracle
    std::string cause;  ///< one line
    uint64_t seed = 0;
    uint64_t count = 0;  ///< runs that failed so
    Run run;
};

struct ExploreProgress {
    uint64_t done = 0, total = 0, failures = 0;
    double seconds = 0;
};

struct ExploreReport {
    ExploreProgress progress;
    std::vector<Finding> findings;  ///< smallest first
    bool one_schedule = false;      ///< there never were two tasks that could run
};

/// Called now and then on the calling thread; false stops.
using ExploreWatcher = std::function<bool(const ExploreProgress&)>;

/// Runs the program to the first moment at which two tasks could run, and from there on once with the
/// fair scheduler (seed 0) and then with one that may preempt at any instruction, each time with another
/// seed.
[[nodiscard]] Expected<ExploreReport> explore(const RunSpec& spec, std::shared_ptr<RootView> root,
                                              const ExploreOptions& options, const ExploreWatcher& watcher);

}  // namespace norn
