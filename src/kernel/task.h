// Tasks and thread groups: looking up, making, releasing.
#pragma once

#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

[[nodiscard]] inline uint32_t pid_nr(const Machine& m, TaskId task)
{
    return m[m[task].pid].number;
}
[[nodiscard]] inline uint32_t tgid_nr(const Machine& m, TaskId task)
{
    return m[m[m[task].signal].tgid].number;
}
/// The task, zombie or not, that bears this number; none if nobody does.
[[nodiscard]] TaskId find_task(const Machine& m, uint32_t number);
[[nodiscard]] PidId find_pid(const Machine& m, uint32_t number);
/// May the task do what this capability allows (capabilities(7))?
[[nodiscard]] bool capable(const Machine& m, TaskId self, int capability);
[[nodiscard]] inline const RLimit& rlimit(const Machine& m, TaskId self, int resource)
{
    return m[m[self].signal].rlimit[static_cast<std::size_t>(resource)];
}

/// Reports an event about `task` to the subscriber, if there is one.
void emit(Machine& m, EventKind kind, TaskId task, uint64_t a = 0, uint64_t b = 0);

}  // namespace norn
