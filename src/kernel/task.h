// Tasks and thread groups: looking up, making, linking.
#pragma once

#include <array>
#include <string>
#include <string_view>

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
/// The process that has this number as its own, or a thread's: its group; none if nobody does.
[[nodiscard]] SignalId find_group(const Machine& m, uint32_t number);
[[nodiscard]] inline bool thread_group_leader(const Machine& m, TaskId task)
{
    return m[task].group_leader == task;
}
/// The leader of a thread group, which may be a zombie.
[[nodiscard]] inline TaskId leader_of(const Machine& m, SignalId signal)
{
    return m[signal].first_thread;
}
/// Is this thread the only one of its group that is not yet released?
[[nodiscard]] inline bool thread_group_empty(const Machine& m, SignalId signal)
{
    return m[signal].first_thread == m[signal].last_thread;
}

/// May the task do what this capability allows (capabilities(7))?
[[nodiscard]] bool capable(const Machine& m, TaskId self, int capability);
[[nodiscard]] inline const RLimit& rlimit(const Machine& m, TaskId self, int resource)
{
    return m[m[self].signal].rlimit[static_cast<std::size_t>(resource)];
}

/// T1: puts a task at the end of its thread group's list, or takes it off.
void link_thread(Machine& m, TaskId task);
void unlink_thread(Machine& m, TaskId task);
/// T2: puts a leader at the end of `parent`'s children, or takes it off.
void link_child(Machine& m, TaskId task, TaskId parent);
void unlink_child(Machine& m, TaskId task);
/// `task` takes the place of `leader` at the head of their group and among their parent's children;
/// `leader` becomes a plain thread.
void take_place_of(Machine& m, TaskId task, TaskId leader);

[[nodiscard]] std::string_view comm_of(const Machine& m, TaskId task);
/// At most 15 bytes, as Linux cuts it.
void set_comm(Machine& m, TaskId task, std::string_view name);

/// Does the subscriber, if there is one, want to hear of this?
[[nodiscard]] inline bool wanted(const Machine& m, EventKind kind)
{
    return m.wanted_events & event_bit(kind);
}
/// Tells the subscriber of an event about `task`, wanted or not.
void tell(Machine& m, EventKind kind, TaskId task, uint64_t a, uint64_t b, const SigInfo* info);
/// Tells the subscriber of an event about `task` if it wants to hear of it.
inline void emit(Machine& m, EventKind kind, TaskId task, uint64_t a = 0, uint64_t b = 0,
                 const SigInfo* info = nullptr)
{
    if (wanted(m, kind)) tell(m, kind, task, a, b, info);
}

}  // namespace norn
