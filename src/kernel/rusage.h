// getrusage(2)'s numbers.
#pragma once

#include <array>

#include "norn/machine.h"

namespace norn {

struct TimeVal {
    int64_t seconds = 0;
    int64_t microseconds = 0;
};

/// struct rusage of x86-64.
struct Rusage {
    TimeVal user, system;
    int64_t maxrss_kib = 0;
    std::array<int64_t, 3> integral{};
    int64_t min_flt = 0, maj_flt = 0;
    std::array<int64_t, 6> unused{};
    int64_t voluntary = 0, involuntary = 0;
};
static_assert(sizeof(Rusage) == 144);

/// Threads of a group, live and gone.
[[nodiscard]] Rusage group_usage(const Machine& m, SignalId signal);
/// The children it has waited for.
[[nodiscard]] Rusage children_usage(const Machine& m, SignalId signal);
[[nodiscard]] Rusage thread_usage(const Machine& m, TaskId task);
/// Both, as wait4 reports a child.
[[nodiscard]] Rusage total_usage(const Machine& m, SignalId signal);
/// A dead child is waited for: what it and its own children used now counts for its parent.
void add_child_usage(Machine& m, SignalId parent, SignalId child);

}  // namespace norn
