#include "kernel/task.h"

#include <algorithm>
#include <cstring>

#include "kernel/cred.h"
#include "lib/list.h"
#include "mm/radix.h"

namespace norn {

namespace {
using Threads = List<&Signal::first_thread, &Signal::last_thread, &Task::next_thread, &Task::prev_thread>;
using Children = List<&Task::first_child, &Task::last_child, &Task::next_sibling, &Task::prev_sibling>;
}  // namespace

PidId find_pid(const Machine& m, uint32_t number)
{
    return PidId{tree_get(m, m.state.pids, number)};
}

TaskId find_task(const Machine& m, uint32_t number)
{
    const PidId pid = find_pid(m, number);
    return pid ? m[pid].task : TaskId{};
}

SignalId find_group(const Machine& m, uint32_t number)
{
    const TaskId task = find_task(m, number);
    return task ? m[task].signal : SignalId{};
}

bool capable(const Machine& m, TaskId self, int capability)
{
    return m[m[self].cred].cap_effective >> capability & 1;
}

void link_thread(Machine& m, TaskId task)
{
    Threads::push_back(m, m[task].signal, task);
}

void unlink_thread(Machine& m, TaskId task)
{
    Threads::remove(m, m[task].signal, task);
}

void link_child(Machine& m, TaskId task, TaskId parent)
{
    Children::push_back(m, parent, task);
    m.edit(task).real_parent = parent;
    m.edit(task).parent = parent;
}

void unlink_child(Machine& m, TaskId task)
{
    Children::remove(m, m[task].real_parent, task);
}

void take_place_of(Machine& m, TaskId task, TaskId leader)
{
    const TaskId parent = m[leader].real_parent;
    if (parent) Children::replace(m, parent, leader, task);
    const int32_t exit_signal = m[leader].exit_signal;
    m.edit(task).exit_signal = exit_signal;
    m.edit(leader).exit_signal = -1;
    unlink_thread(m, task);
    Threads::push_front(m, m[task].signal, task);
}

std::string_view comm_of(const Machine& m, TaskId task)
{
    const auto& comm = m[task].comm;
    return {comm.data(), strnlen(comm.data(), comm.size())};
}

void set_comm(Machine& m, TaskId task, std::string_view name)
{
    std::array<char, 16> comm{};
    std::copy_n(name.data(), std::min(name.size(), comm.size() - 1), comm.data());
    m.edit(task).comm = comm;
}

void tell(Machine& m, EventKind kind, TaskId task, uint64_t a, uint64_t b, const SigInfo* info)
{
    m.events->event(m, {kind, pid_nr(m, task), tgid_nr(m, task), m.state.now_ns, a, b, info});
}

}  // namespace norn
