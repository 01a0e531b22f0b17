// Recomputes thread groups (T1), children (T2), pids (T3, P1), and the counts of what tasks share.
#include "kernel/audit.h"
#include "mm/radix.h"

namespace norn {

namespace {
std::string name_of(const char* what, uint32_t index)
{
    return std::string(what) + " " + std::to_string(index);
}

/// T1, and how many threads there are and live.
void audit_threads(const Machine& m, SignalId id, const Signal& signal, AuditReport& report)
{
    const std::string name = name_of("thread group", id.index());
    uint32_t threads = 0, live = 0;
    TaskId before;
    for (TaskId t = signal.first_thread; t; before = t, t = m[t].next_thread) {
        if (!m.alive(t)) return report.add(name + ": a thread on its list is gone");
        if (m[t].prev_thread != before) return report.add(name + ": its list is not linked both ways");
        if (m[t].signal != id) return report.add(name + ": a thread on its list is another group's");
        if (m[t].group_leader != signal.first_thread)
            report.add(name + ": its leader is not its first thread");
        ++threads;
        if (!(m[t].flags & task_exiting)) ++live;
    }
    if (signal.last_thread != before) report.add(name + ": its last thread is not the end of its list");
    if (signal.refs != threads) report.add(name + ": refs is not the number of its threads");
    if (signal.live != live) report.add(name + ": live is not the number of its threads before exit");
    if (threads == 0) report.add(name + ": has no thread");
}

/// T2: children of one task; marks them.
void audit_children(const Machine& m, TaskId id, const Task& task, References<Task>& listed,
                    AuditReport& report)
{
    const std::string name = name_of("task", id.index());
    TaskId before;
    for (TaskId t = task.first_child; t; before = t, t = m[t].next_sibling) {
        if (!m.alive(t)) return report.add(name + ": a child on its list is gone");
        if (m[t].prev_sibling != before) return report.add(name + ": children are not linked both ways");
        if (m[t].real_parent != id) report.add(name + ": a child on its list has another parent");
        listed.add(t, report, "a children list");
    }
    if (task.last_child != before) report.add(name + ": its last child is not the end of its list");
}

void audit_families(const Machine& m, AuditReport& report)
{
    References<Task> listed(m);
    m.pool<Task>().each([&](TaskId id, const Task& task) {
        audit_children(m, id, task, listed, report);
        if (!m.alive(task.signal)) report.add(name_of("task", id.index()) + ": its thread group is gone");
    });
    m.pool<Task>().each([&](TaskId id, const Task& task) {
        const bool child = task.group_leader == id && task.real_parent;
        if (listed.found(id) != (child ? 1u : 0u))
            report.add(name_of("task", id.index()) + ": is on the wrong number of children lists");
    });
}

/// Members of a process group or session, linked from its Pid.
template <class Next, class Prev, class Own>
uint32_t audit_members(const Machine& m, PidId pid, SignalId first, Next next, Prev prev, Own own,
                       AuditReport& report)
{
    uint32_t members = 0;
    SignalId before;
    for (SignalId s = first; s; before = s, s = m[s].*next) {
        if (!m.alive(s) || m[s].*prev != before || m[s].*own != pid) {
            report.add(name_of("pid", m[pid].number) + ": a list of its members is broken");
            break;
        }
        ++members;
    }
    return members;
}

/// P1, and both lists of members.
void audit_pids(const Machine& m, AuditReport& report)
{
    uint32_t in_groups = 0, in_sessions = 0, grouped = 0, numbered = 0;
    m.pool<Pid>().each([&](PidId id, const Pid& pid) {
        const std::string name = name_of("pid", pid.number);
        if (pid.task && (!m.alive(pid.task) || m[pid.task].pid != id))
            report.add(name + ": is borne by a task that does not know");
        in_groups += audit_members(m, id, pid.group_first, &Signal::pgrp_next, &Signal::pgrp_prev,
                                   &Signal::pgrp, report);
        in_sessions += audit_members(m, id, pid.session_first, &Signal::session_next, &Signal::session_prev,
                                     &Signal::session, report);
        const uint32_t uses =
            (pid.task ? 1u : 0u) + (pid.group_first ? 1u : 0u) + (pid.session_first ? 1u : 0u);
        if (pid.uses != uses) report.add(name + ": uses is not what names it");
        if (uses == 0 && pid.refs == 0) report.add(name + ": nobody uses it, and it is still there");
        const bool mapped = tree_get(m, m.state.pids, pid.number) == id.raw;
        if (mapped != (uses > 0)) report.add(name + ": the table of numbers disagrees");
        numbered += mapped ? 1 : 0;
    });
    m.pool<Signal>().each([&](SignalId, const Signal& signal) { grouped += signal.pgrp ? 1 : 0; });
    if (in_groups != grouped || in_sessions != grouped)
        report.add("processes are not each in one process group and one session");
    uint32_t entries = 0;
    bool found = false;
    for (uint64_t n = tree_next(m, m.state.pids, 0, found); found;
         n = tree_next(m, m.state.pids, n + 1, found))
        ++entries;
    if (entries != numbered) report.add("the table of numbers has entries of pids that are gone");
}

/// Records that tasks share by counting.
void audit_shared(const Machine& m, AuditReport& report)
{
    References<Sighand> sighands(m);
    References<Cred> creds(m);
    References<Files> files(m);
    References<Fs> fses(m);
    m.pool<Task>().each([&](TaskId, const Task& task) {
        sighands.add(task.sighand, report, "a task's signal actions");
        creds.add(task.cred, report, "a task's credentials");
        files.add(task.files, report, "a task's descriptors");
        fses.add(task.fs, report, "a task's root and directory");
    });
    sighands.compare(report, "signal actions");
    creds.compare(report, "credentials");
    files.compare(report, "descriptor table");
    fses.compare(report, "root and directory");
}

/// One queue of signals: its entries, its end, its bits.
void audit_queue(const Machine& m, SigQueueId first, SigQueueId last, SigSet pending,
                 References<SigQueue>& owned, AuditReport& report)
{
    SigQueueId end;
    for (SigQueueId entry = first; entry; end = entry, entry = m[entry].next) {
        owned.add(entry, report, "a queue of signals");
        if (!m.alive(entry)) return;
        if (!(pending & sig_bit(m[entry].signo))) report.add("a queued signal is not pending");
        if (owned.found(entry) > 1) return report.add("a queue of signals runs in a circle");
    }
    if (last != end) report.add("a queue of signals does not end where it says");
}

/// Everything that has exactly one owner, or is counted in the state.
void audit_owned(const Machine& m, AuditReport& report)
{
    References<SigQueue> queued(m);
    References<Kept> kept(m);
    References<FpuChunk> chunks(m);
    References<User> users(m);
    std::vector<uint32_t> processes(m.pool<User>().capacity() + 1), sigpending(processes.size());
    m.pool<Task>().each([&](TaskId, const Task& task) {
        audit_queue(m, task.queue_first, task.queue_last, task.pending, queued, report);
        kept.add(task.kept, report, "a task");
        for (FpuId chunk = task.fpu; chunk && m.alive(chunk) && chunks.found(chunk) == 0;
             chunk = m[chunk].next)
            chunks.add(chunk, report, "a task's vector state");
        if (m.alive(task.cred)) ++processes[m[task.cred].user.index()];
    });
    m.pool<Signal>().each([&](SignalId, const Signal& signal) {
        audit_queue(m, signal.queue_first, signal.queue_last, signal.pending, queued, report);
    });
    m.pool<Cred>().each([&](CredId, const Cred& cred) { users.add(cred.user, report, "credentials"); });
    m.pool<SigQueue>().each([&](SigQueueId, const SigQueue& entry) {
        users.add(entry.user, report, "a queued signal");
        ++sigpending[entry.user.index()];
    });
    queued.expect_one_each(report, "queued signal");
    kept.expect_one_each(report, "what a sleeping call keeps");
    chunks.expect_one_each(report, "vector state");
    users.compare(report, "user");
    m.pool<User>().each([&](UserId id, const User& user) {
        if (user.processes != processes[id.index()] || user.sigpending != sigpending[id.index()])
            report.add(name_of("user", user.uid) + ": is charged for what is not there");
    });
    if (m.state.task_count != m.pool<Task>().size()) report.add("task_count is not the number of tasks");
    if (m.state.thread_groups != m.pool<Signal>().size())
        report.add("thread_groups is not the number of thread groups");
}
}  // namespace

void audit_tasks(const Machine& m, AuditReport& report)
{
    m.pool<Signal>().each([&](SignalId id, const Signal& s) { audit_threads(m, id, s, report); });
    audit_families(m, report);
    if (!report.broken.empty()) return;
    audit_pids(m, report);
    audit_shared(m, report);
    audit_owned(m, report);
}

}  // namespace norn
