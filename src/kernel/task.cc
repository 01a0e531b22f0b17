#include "kernel/task.h"

#include <algorithm>
#include <cstring>

#include "kernel/cred.h"
#include "mm/radix.h"

namespace norn {

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
    const SignalId signal = m[task].signal;
    const TaskId last = m[signal].last_thread;
    m.edit(task).prev_thread = last;
    if (last)
        m.edit(last).next_thread = task;
    else
        m.edit(signal).first_thread = task;
    m.edit(signal).last_thread = task;
}

void unlink_thread(Machine& m, TaskId task)
{
    const SignalId signal = m[task].signal;
    const TaskId next = m[task].next_thread;
    const TaskId prev = m[task].prev_thread;
    if (next)
        m.edit(next).prev_thread = prev;
    else
        m.edit(signal).last_thread = prev;
    if (prev)
        m.edit(prev).next_thread = next;
    else
        m.edit(signal).first_thread = next;
    Task& t = m.edit(task);
    t.next_thread = t.prev_thread = {};
}

void link_child(Machine& m, TaskId task, TaskId parent)
{
    const TaskId last = m[parent].last_child;
    m.edit(task).prev_sibling = last;
    if (last)
        m.edit(last).next_sibling = task;
    else
        m.edit(parent).first_child = task;
    m.edit(parent).last_child = task;
    m.edit(task).real_parent = parent;
    m.edit(task).parent = parent;
}

void unlink_child(Machine& m, TaskId task)
{
    const TaskId parent = m[task].real_parent;
    const TaskId next = m[task].next_sibling;
    const TaskId prev = m[task].prev_sibling;
    if (next)
        m.edit(next).prev_sibling = prev;
    else
        m.edit(parent).last_child = prev;
    if (prev)
        m.edit(prev).next_sibling = next;
    else
        m.edit(parent).first_child = next;
    Task& t = m.edit(task);
    t.next_sibling = t.prev_sibling = {};
}

void take_place_of(Machine& m, TaskId task, TaskId leader)
{
    const TaskId parent = m[leader].real_parent;
    const int32_t exit_signal = m[leader].exit_signal;
    if (parent) {
        const TaskId next = m[leader].next_sibling;
        const TaskId prev = m[leader].prev_sibling;
        Task& t = m.edit(task);
        t.next_sibling = next;
        t.prev_sibling = prev;
        if (next)
            m.edit(next).prev_sibling = task;
        else
            m.edit(parent).last_child = task;
        if (prev)
            m.edit(prev).next_sibling = task;
        else
            m.edit(parent).first_child = task;
        Task& old = m.edit(leader);
        old.next_sibling = old.prev_sibling = {};
    }
    m.edit(task).exit_signal = exit_signal;
    m.edit(leader).exit_signal = -1;
    const SignalId signal = m[task].signal;
    unlink_thread(m, task);
    const TaskId first = m[signal].first_thread;
    m.edit(first).prev_thread = task;
    m.edit(task).next_thread = first;
    m.edit(signal).first_thread = task;
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

void emit(Machine& m, EventKind kind, TaskId task, uint64_t a, uint64_t b, const SigInfo* info)
{
    if (!m.events) return;
    m.events->event(m, {kind, pid_nr(m, task), tgid_nr(m, task), m.state.now_ns, a, b, info});
}

}  // namespace norn
