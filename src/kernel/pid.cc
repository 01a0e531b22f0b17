#include "kernel/pid.h"

#include "kernel/sched.h"
#include "kernel/task.h"
#include "lib/list.h"
#include "mm/radix.h"

namespace norn {

namespace {

/// The lowest free number in [from, pid_max), or pid_max.
uint32_t next_free_number(const Machine& m, uint32_t from)
{
    const uint32_t limit = m.state.limits.pid_max;
    if (from >= limit) return limit;
    const uint64_t free = tree_next_free(m, m.state.pids, from);
    return free < limit ? static_cast<uint32_t>(free) : limit;
}

PidId take_number(Machine& m, uint32_t number)
{
    const PidId pid = m.allocate<Pid>();
    m.edit(pid).number = number;
    tree_set(m, m.state.pids, NodeKind::pids, number, pid.raw);
    if (wanted(m, EventKind::pid_allocate))
        m.events->event(m, {EventKind::pid_allocate, 0, 0, m.state.now_ns, number, 0});
    return pid;
}

void free_record_if_unused(Machine& m, PidId pid)
{
    if (m[pid].uses == 0 && m[pid].refs == 0) m.free(pid);
}

void free_number(Machine& m, PidId pid)
{
    const uint32_t number = m[pid].number;
    tree_clear(m, m.state.pids, number);
    if (wanted(m, EventKind::pid_free))
        m.events->event(m, {EventKind::pid_free, 0, 0, m.state.now_ns, number, 0});
    free_record_if_unused(m, pid);
}

void add_use(Machine& m, PidId pid)
{
    ++m.edit(pid).uses;
}

/// P1: the last use gives the number back.
void drop_use(Machine& m, PidId pid)
{
    NORN_ASSERT(m[pid].uses > 0);
    if (--m.edit(pid).uses == 0) free_number(m, pid);
}

using GroupMembers = List<&Pid::group_first, no_last, &Signal::pgrp_next, &Signal::pgrp_prev>;
using SessionMembers = List<&Pid::session_first, no_last, &Signal::session_next, &Signal::session_prev>;

void unlink_pgrp(Machine& m, SignalId signal)
{
    const PidId pgrp = m[signal].pgrp;
    if (!pgrp) return;
    GroupMembers::remove(m, pgrp, signal);
    m.edit(signal).pgrp = {};
    if (!m[pgrp].group_first) drop_use(m, pgrp);
}

void unlink_session(Machine& m, SignalId signal)
{
    const PidId session = m[signal].session;
    if (!session) return;
    SessionMembers::remove(m, session, signal);
    m.edit(signal).session = {};
    if (!m[session].session_first) drop_use(m, session);
}

}  // namespace

Result<PidId> alloc_pid(Machine& m, TaskId asking)
{
    uint32_t from = m.state.last_pid + 1;
    if (m.decider && choose(m, asking, ChoiceKind::pid, 2) == 1) from = reserved_pids;
    uint32_t number = next_free_number(m, from);
    if (number == m.state.limits.pid_max) number = next_free_number(m, reserved_pids);
    if (number == m.state.limits.pid_max) return EAGAIN;
    m.state.last_pid = number;
    return take_number(m, number);
}

Result<PidId> alloc_pid_number(Machine& m, uint32_t number)
{
    if (find_pid(m, number)) return EEXIST;
    return take_number(m, number);
}

void discard_pid(Machine& m, PidId pid)
{
    NORN_ASSERT(m[pid].uses == 0);
    free_number(m, pid);
}

void renumber_pid(Machine& m, PidId pid, uint32_t number)
{
    NORN_ASSERT(!find_pid(m, number));
    tree_clear(m, m.state.pids, m[pid].number);
    m.edit(pid).number = number;
    tree_set(m, m.state.pids, NodeKind::pids, number, pid.raw);
}

void set_pid_task(Machine& m, PidId pid, TaskId task)
{
    const bool had = static_cast<bool>(m[pid].task);
    m.edit(pid).task = task;
    if (task && !had) add_use(m, pid);
    if (!task && had) drop_use(m, pid);
}

void hold_pid(Machine& m, PidId pid)
{
    ++m.edit(pid).refs;
}

void put_pid(Machine& m, PidId pid)
{
    NORN_ASSERT(m[pid].refs > 0);
    --m.edit(pid).refs;
    free_record_if_unused(m, pid);
}

void change_pgrp(Machine& m, SignalId signal, PidId pgrp)
{
    if (m[signal].pgrp == pgrp) return;
    if (!m[pgrp].group_first) add_use(m, pgrp);
    unlink_pgrp(m, signal);
    GroupMembers::push_front(m, pgrp, signal);
    m.edit(signal).pgrp = pgrp;
}

void change_session(Machine& m, SignalId signal, PidId session)
{
    if (m[signal].session == session) return;
    if (!m[session].session_first) add_use(m, session);
    unlink_session(m, signal);
    SessionMembers::push_front(m, session, signal);
    m.edit(signal).session = session;
}

void leave_groups(Machine& m, SignalId signal)
{
    unlink_pgrp(m, signal);
    unlink_session(m, signal);
}

}  // namespace norn
