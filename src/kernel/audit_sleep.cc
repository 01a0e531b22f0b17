// Recomputes who runs, who waits for what (S1, S2), which deadlines are set, and the table of futexes.
#include <algorithm>

#include "kernel/audit.h"
#include "kernel/futex.h"
#include "kernel/sched.h"
#include "kernel/timer.h"
#include "kernel/wait_queue.h"

namespace norn {

namespace {
/// H1 and H2 of a pairing heap; marks its nodes. `in_order(a, b)`: may b be below a?
template <class T, class InOrder>
void audit_heap(const Machine& m, Id<T> root, References<T>& found, InOrder in_order, const char* what,
                AuditReport& report)
{
    std::vector<Id<T>> left;
    if (root) left.push_back(root);
    while (!left.empty()) {
        const Id<T> node = left.back();
        left.pop_back();
        found.add(node, report, what);
        if (!m.alive(node)) return;
        if (found.found(node) > 1) return report.add(std::string(what) + " runs in a circle");
        Id<T> before = node;
        for (Id<T> child = m[node].heap_child; child; before = child, child = m[child].heap_next) {
            if (!m.alive(child) || m[child].heap_prev != before)
                return report.add(std::string(what) + " is not linked both ways");
            if (!in_order(m[node], m[child])) report.add(std::string(what) + " is out of order");
            left.push_back(child);
        }
    }
}

void audit_run_queue(const Machine& m, AuditReport& report)
{
    References<Task> queued(m), current(m);
    const auto in_order = [](const Task& above, const Task& below) {
        if (above.rt_priority != below.rt_priority) return above.rt_priority > below.rt_priority;
        return above.vruntime <= below.vruntime;
    };
    audit_heap<Task>(m, m.state.run_queue, queued, in_order, "the run queue", report);
    for (const Processor& cpu : m.state.processors) {
        current.add(cpu.current, report, "a processor");
        if (cpu.current && m.alive(cpu.current) && m[cpu.current].state != TaskState::running)
            report.add("a processor's task does not run");
    }
    uint32_t on_queue = 0, outside = 0;
    m.pool<Task>().each([&](TaskId id, const Task& task) {
        const std::string name = "task " + std::to_string(id.index());
        const bool flagged = task.flags & task_on_queue;
        on_queue += flagged ? 1 : 0;
        outside += task.outside_input ? 1 : 0;
        if (queued.found(id) != (flagged ? 1u : 0u))
            report.add(name + ": the run queue and its flag disagree");
        const uint32_t places = queued.found(id) + current.found(id);
        const bool init = task.flags & task_kernel_init;
        if (places != (task.state == TaskState::running && !init ? 1u : 0u))
            report.add(name + ": is not in the one place where a task of its state is");
        const bool asleep =
            task.state == TaskState::interruptible || task.state == TaskState::uninterruptible;
        if (!asleep && (task.waits || task.sleep_timer)) report.add(name + ": waits and does not sleep");
    });
    if (m.state.runnable != on_queue) report.add("runnable is not the length of the run queue");
    if (m.state.outside_sleepers != outside) report.add("outside_sleepers is not the number of those");
}

/// S1: each entry is on the queue that it names, linked both ways, and on one owner's list.
void audit_waits(const Machine& m, AuditReport& report)
{
    References<WaitEntry> owned(m);
    const auto add_list = [&](WaitId first, TaskId task, EpollItemId item) {
        for (WaitId w = first; w; w = m[w].next_of_owner) {
            owned.add(w, report, "an owner's list of waits");
            if (!m.alive(w) || owned.found(w) > 1) return;
            if (m[w].task != task || m[w].epoll != item) report.add("a wait is on another's list");
        }
    };
    m.pool<Task>().each([&](TaskId id, const Task& task) { add_list(task.waits, id, {}); });
    m.pool<EpollItem>().each([&](EpollItemId id, const EpollItem& item) { add_list(item.waits, {}, id); });
    owned.expect_one_each(report, "wait");
    m.pool<WaitEntry>().each([&](WaitId id, const WaitEntry& wait) {
        const WaitQueue& queue = look_queue(m, wait.queue);
        const bool before = wait.prev ? m.alive(wait.prev) && m[wait.prev].next == id : queue.first == id;
        const bool after = wait.next ? m.alive(wait.next) && m[wait.next].prev == id : queue.last == id;
        if (!before || !after) report.add("wait " + std::to_string(id.index()) + ": its queue is broken");
    });
}

void audit_timers(const Machine& m, AuditReport& report)
{
    References<Timer> in_heap(m), owned(m);
    const auto in_order = [](const Timer& above, const Timer& below) {
        return above.expires_ns <= below.expires_ns;
    };
    audit_heap<Timer>(m, m.state.timers, in_heap, in_order, "the deadlines", report);
    m.pool<Task>().each([&](TaskId id, const Task& task) {
        owned.add(task.sleep_timer, report, "a task");
        if (task.sleep_timer && m.alive(task.sleep_timer) && m[task.sleep_timer].task != id)
            report.add("a sleep's deadline is another's");
    });
    m.pool<Signal>().each([&](SignalId, const Signal& signal) {
        for (const IntervalTimer& timer : signal.itimer) owned.add(timer.armed, report, "a process");
        for (TimerId t = signal.posix_timers; t && m.alive(t); t = m[t].next)
            owned.add(t, report, "a process");
    });
    m.pool<File>().each([&](FileId, const File& file) { owned.add(file.timer, report, "a file"); });
    owned.expect_one_each(report, "deadline");
    m.pool<Timer>().each([&](TimerId id, const Timer& timer) {
        if (in_heap.found(id) != timer.armed) report.add("a deadline's flag and the heap disagree");
    });
}

void audit_futexes(const Machine& m, AuditReport& report)
{
    uint32_t pi = 0;
    m.pool<FutexQueue>().each([&](FutexId id, const FutexQueue& queue) {
        const std::string name = "futex " + std::to_string(id.index());
        if (!queue.waiters.first) report.add(name + ": nobody waits");
        if (find_futex(m, FutexKey{queue.object, queue.address}) != id)
            report.add(name + ": cannot be found");
        pi += queue.pi_owner ? 1 : 0;
    });
    if (m.state.pi_futexes != pi) report.add("pi_futexes is not the number of those");
}
}  // namespace

void audit_sleep(const Machine& m, AuditReport& report)
{
    audit_run_queue(m, report);
    audit_waits(m, report);
    audit_timers(m, report);
    audit_futexes(m, report);
}

}  // namespace norn
