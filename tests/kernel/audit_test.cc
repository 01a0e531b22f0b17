// Each rule of the audit is broken once, on purpose, and must say so.
#include "kernel/audit.h"

#include <gtest/gtest.h>

#include "breaches.h"
#include "kernel/fpu.h"
#include "kernel/futex.h"
#include "kernel/sched.h"
#include "kernel/timer.h"
#include "kernel/wait_queue.h"
#include "small_machine.h"

namespace norn {
namespace {

/// init; a parent with a child that has a second thread. The parent sleeps on a futex with a deadline and
/// something kept, the child waits for its own children, the thread is runnable with a signal queued.
struct Busy : SmallMachine {
    TaskId parent, child, thread2;
    FutexId futex;
    Busy()
    {
        parent = process(init);
        child = process(parent);
        thread2 = thread(m[child].signal);
        futex = obtain_futex(m, {4, 400});
        Sleep on_futex{QueueRef{QueueKind::futex, {}, futex.raw}};
        go_to_sleep(m, parent, on_futex.keep(uint64_t{5}).until(1000));
        Sleep on_child{QueueRef{QueueKind::child, {}, m[child].signal.raw}};
        on_child.outside_input = true;
        go_to_sleep(m, child, on_child);
        enqueue_task(m, thread2);
        x86::Fpu fpu = x86::initial_fpu();
        fpu.fxsave[200] = 1;
        pack_fpu(m, thread2, fpu);
        queue_signal();
    }
    void queue_signal()
    {
        const SigQueueId entry = m.allocate<SigQueue>();
        m.edit(entry).signo = 10;
        m.edit(entry).user = m[cred].user;
        Task& t = m.edit(thread2);
        t.queue_first = t.queue_last = entry;
        t.pending = sig_bit(10);
        User& user = m.edit(m[cred].user);
        ++user.sigpending;
        ++user.refs;
    }
};

AuditReport report_of(const Machine& m)
{
    AuditReport report;
    audit_tasks(m, report);
    if (report.broken.empty()) audit_sleep(m, report);
    return report;
}

const test::Breach<Busy> breaches[] = {
    {"a thread on its list is gone", [](Busy& b) { b.m.free(b.thread2); }},
    {"a child on its list is gone", [](Busy& b) { b.m.free(b.child); }},
    {"its thread group is gone", [](Busy& b) { b.m.free(SignalId{b.m[b.child].signal}); }},
    {"a task's credentials names one that is gone", [](Busy& b) { b.m.free(b.cred); }},
    {"not linked both ways", [](Busy& b) { b.m.edit(b.thread2).prev_thread = {}; }},
    {"another group's", [](Busy& b) { b.m.edit(b.thread2).signal = SignalId{b.m[b.parent].signal}; }},
    {"its leader is not its first thread", [](Busy& b) { b.m.edit(b.thread2).group_leader = b.thread2; }},
    {"its last thread is not the end", [](Busy& b) { b.m.edit(b.m[b.child].signal).last_thread = b.child; }},
    {"refs is not the number of its threads", [](Busy& b) { ++b.m.edit(b.m[b.child].signal).refs; }},
    {"live is not the number", [](Busy& b) { b.m.edit(b.thread2).flags |= task_exiting; }},
    {"has no thread",
     [](Busy& b) {
         (void)b.m.allocate<Signal>();
         ++b.m.state.thread_groups;
     }},
    {"children are not linked both ways", [](Busy& b) { b.m.edit(b.child).prev_sibling = b.parent; }},
    {"has another parent", [](Busy& b) { b.m.edit(b.child).real_parent = b.init; }},
    {"its last child is not the end", [](Busy& b) { b.m.edit(b.parent).last_child = {}; }},
    {"wrong number of children lists",
     [](Busy& b) {
         Task& parent = b.m.edit(b.parent);
         parent.first_child = parent.last_child = {};
     }},
    {"borne by a task that does not know", [](Busy& b) { b.m.edit(b.child).pid = PidId{b.m[b.parent].pid}; }},
    {"a list of its members is broken",
     [](Busy& b) { b.m.edit(b.m[b.child].signal).pgrp_prev = b.m[b.parent].signal; }},
    {"uses is not what names it", [](Busy& b) { ++b.m.edit(b.m[b.child].pid).uses; }},
    {"nobody uses it", [](Busy& b) { (void)b.m.allocate<Pid>(); }},
    {"the table of numbers disagrees",
     [](Busy& b) { tree_clear(b.m, b.m.state.pids, b.m[b.m[b.child].pid].number); }},
    {"entries of pids that are gone",
     [](Busy& b) { tree_set(b.m, b.m.state.pids, NodeKind::pids, 999, b.m[b.child].pid.raw); }},
    {"one process group and one session",
     [](Busy& b) {
         Pid& pid = b.m.edit(b.m[b.child].pid);
         pid.group_first = {};
         --pid.uses;
     }},
    {"signal actions", [](Busy& b) { ++b.m.edit(b.m[b.child].sighand).refs; }},
    {"credentials", [](Busy& b) { ++b.m.edit(b.cred).refs; }},
    {"descriptor table", [](Busy& b) { --b.m.edit(b.files).refs; }},
    {"root and directory", [](Busy& b) { ++b.m.edit(b.fs).refs; }},
    {"a queued signal is not pending", [](Busy& b) { b.m.edit(b.thread2).pending = 0; }},
    {"does not end where it says", [](Busy& b) { b.m.edit(b.thread2).queue_last = {}; }},
    {"a queue of signals runs in a circle",
     [](Busy& b) {
         const SigQueueId entry = b.m[b.thread2].queue_first;
         b.m.edit(entry).next = entry;
     }},
    {"queued signal",
     [](Busy& b) {
         const SigQueueId lost = b.m.allocate<SigQueue>();
         b.m.edit(lost).user = b.m[b.cred].user;
         User& user = b.m.edit(b.m[b.cred].user);
         ++user.refs;
         ++user.sigpending;
     }},
    {"what a sleeping call keeps", [](Busy& b) { (void)b.m.allocate<Kept>(); }},
    {"vector state", [](Busy& b) { (void)b.m.allocate<FpuChunk>(); }},
    {"user", [](Busy& b) { ++b.m.edit(b.m[b.cred].user).refs; }},
    {"is charged for what is not there", [](Busy& b) { ++b.m.edit(b.m[b.cred].user).processes; }},
    {"task_count", [](Busy& b) { ++b.m.state.task_count; }},
    {"thread_groups", [](Busy& b) { ++b.m.state.thread_groups; }},
    {"the run queue and its flag disagree", [](Busy& b) { b.m.edit(b.thread2).flags &= ~task_on_queue; }},
    {"runnable is not the length", [](Busy& b) { ++b.m.state.runnable; }},
    {"not in the one place", [](Busy& b) { b.m.state.processors[0].current = b.thread2; }},
    {"a processor's task does not run", [](Busy& b) { b.m.state.processors[1].current = b.parent; }},
    {"waits and does not sleep", [](Busy& b) { b.m.edit(b.parent).state = TaskState::stopped; }},
    {"a processor names one that is gone",
     [](Busy& b) { b.m.state.processors[1].current = TaskId{b.parent.raw ^ 1u << 26}; }},
    {"the run queue is not linked both ways",
     [](Busy& b) {
         const TaskId other = b.process(b.parent);
         enqueue_task(b.m, other);
         b.m.edit(b.m[b.m.state.run_queue].heap_child).heap_prev = {};
     }},
    {"the run queue runs in a circle",
     [](Busy& b) {
         const TaskId top = b.m.state.run_queue;
         Task& t = b.m.edit(top);
         t.heap_child = t.heap_prev = top;
     }},
    {"an owner's list of waits names one that is gone",
     [](Busy& b) { b.m.free(WaitId{b.m[b.parent].waits}); }},
    {"outside_sleepers", [](Busy& b) { ++b.m.state.outside_sleepers; }},
    {"out of order",
     [](Busy& b) {
         const TaskId other = b.process(b.parent);
         enqueue_task(b.m, other);
         b.m.edit(b.m.state.run_queue).vruntime = 1'000'000'000;
     }},
    {"its queue is broken", [](Busy& b) { b.m.edit(b.futex).waiters.last = {}; }},
    {"wait",
     [](Busy& b) {
         const WaitId lost = b.m.allocate<WaitEntry>();
         b.m.edit(lost).queue = QueueRef{QueueKind::outside, {}, 0};
         b.m.state.outside_wait = {lost, lost};
     }},
    {"a wait is on another's list", [](Busy& b) { b.m.edit(b.m[b.parent].waits).task = b.child; }},
    {"a sleep's deadline is another's", [](Busy& b) { b.m.edit(b.m[b.parent].sleep_timer).task = b.child; }},
    {"deadline", [](Busy& b) { (void)b.m.allocate<Timer>(); }},
    {"flag and the heap disagree", [](Busy& b) { b.m.edit(b.m[b.parent].sleep_timer).armed = 0; }},
    {"nobody waits",
     [](Busy& b) {
         (void)obtain_futex(b.m, {4, 800});
     }},
    {"cannot be found", [](Busy& b) { b.m.edit(b.futex).address = 404; }},
    {"pi_futexes", [](Busy& b) { ++b.m.state.pi_futexes; }},
};

TEST(Audit, ASoundMachineHasNothingToReport)
{
    const Busy busy;
    const AuditReport report = report_of(busy.m);
    EXPECT_TRUE(report.broken.empty()) << report.broken.front();
}

TEST(Audit, EachRuleNoticesItsBreach)
{
    test::expect_each_is_noticed(breaches, report_of);
}

}  // namespace
}  // namespace norn
