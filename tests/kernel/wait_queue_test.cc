// Sleeping, waking, deadlines and futexes, without programs.
#include "kernel/wait_queue.h"

#include <gtest/gtest.h>

#include "kernel/audit.h"
#include "kernel/futex.h"
#include "kernel/sched.h"
#include "kernel/timer.h"
#include "small_machine.h"

namespace norn {
namespace {

struct Waits : ::testing::Test {
    SmallMachine small;
    Machine& m = small.m;
    TaskId a = small.process(small.init), b = small.process(small.init), c = small.process(small.init);
    QueueRef queue{QueueKind::child, {}, small.m[a].signal.raw};

    void sleep(TaskId task, bool exclusive = false, uint32_t events = ~0u, uint64_t deadline = never)
    {
        Sleep asked{queue};
        asked.exclusive = exclusive;
        asked.events = events;
        go_to_sleep(m, task, asked.until(deadline));
    }
    void expect_sound()
    {
        AuditReport report;
        audit_sleep(m, report);
        EXPECT_TRUE(report.broken.empty()) << report.broken.front();
    }
};

TEST_F(Waits, AWakeUpTakesAllOthersAndOneExclusive)
{
    sleep(a, true);
    sleep(b, true);
    sleep(c);
    expect_sound();
    EXPECT_EQ(wake_up(m, queue), 2u);
    EXPECT_EQ(m[a].state, TaskState::running);
    EXPECT_EQ(m[b].state, TaskState::interruptible);
    EXPECT_EQ(m[c].state, TaskState::running);
    expect_sound();
    EXPECT_EQ(wake_up_all(m, queue), 1u);
    expect_sound();
}

TEST_F(Waits, OnlyWhoCaresForTheEventWakes)
{
    sleep(a, false, 1);
    sleep(b, false, 4);
    EXPECT_EQ(wake_up(m, queue, 4), 1u);
    EXPECT_EQ(m[b].state, TaskState::running);
    wake_task(m, a);
    enqueue_task(m, c);
    expect_sound();
}

TEST_F(Waits, SeveralWaitsOfOneTaskGoTogether)
{
    add_wait(m, a, queue);
    add_wait(m, a, QueueRef{QueueKind::signal, {}, a.raw});
    sleep(a);
    sleep(b);
    EXPECT_EQ(wake_up_all(m, queue), 2u);
    EXPECT_FALSE(m[a].waits);
    EXPECT_EQ(m.pool<WaitEntry>().size(), 0u);
}

TEST_F(Waits, ADeadlineEndsASleep)
{
    sleep(a, false, ~0u, 500);
    sleep(b, false, ~0u, 300);
    sleep(c);
    EXPECT_EQ(next_deadline(m), 300u);
    set_clock(m, 300);
    expire_timers(m);
    EXPECT_TRUE(timed_out(m, b));
    EXPECT_EQ(m[b].state, TaskState::running);
    EXPECT_EQ(m[a].state, TaskState::interruptible);
    EXPECT_TRUE(wake_task(m, a));
    EXPECT_FALSE(timed_out(m, a));
    EXPECT_EQ(next_deadline(m), never);
    EXPECT_EQ(m.pool<Timer>().size(), 0u);
    wake_task(m, c);
    expect_sound();
}

TEST_F(Waits, ADeadlineThatNoClockReachesIsNone)
{
    m.state.realtime_offset_ns = 1'000;
    sleep(a, false, ~0u, ktime_add_safe(100, ktime_max));
    sleep(b, false, ~0u, ktime_max - 1'000);
    EXPECT_EQ(next_deadline(m), never);
    sleep(c, false, ~0u, ktime_max - 1'001);
    EXPECT_EQ(next_deadline(m), ktime_max - 1'001);
    set_clock(m, ktime_max - 1'001);
    expire_timers(m);
    EXPECT_EQ(m[c].state, TaskState::running);
    set_clock(m, ktime_max + 5);
    expire_timers(m);
    EXPECT_EQ(m[a].state, TaskState::interruptible);
    EXPECT_EQ(m[b].state, TaskState::interruptible);
    EXPECT_EQ(realtime_ns(m), static_cast<int64_t>(ktime_max));
    EXPECT_EQ(ktime_add_safe(ktime_max + 5, 1), ktime_max);
    expect_sound();
}

TEST_F(Waits, WhatIsKeptComesBack)
{
    Sleep asked{queue};
    go_to_sleep(m, a, asked.keep(uint64_t{77}));
    EXPECT_TRUE(resuming(m, a));
    EXPECT_EQ(kept<uint64_t>(m, a), 77u);
    wake_task(m, a);
    free_kept(m, a);
    EXPECT_EQ(m.pool<Kept>().size(), 0u);
}

FutexKey key_of(uint64_t n)
{
    return {1 << 2, n * 4};
}

void wait_on(Machine& m, TaskId task, uint64_t n, uint32_t bitset = ~0u)
{
    Sleep asked{QueueRef{QueueKind::futex, {}, obtain_futex(m, key_of(n)).raw}};
    asked.exclusive = true;
    asked.events = bitset;
    go_to_sleep(m, task, asked);
}

TEST_F(Waits, FutexWakesInOrderAndByBitset)
{
    wait_on(m, a, 1, 1);
    wait_on(m, b, 1, 2);
    wait_on(m, c, 1, 3);
    EXPECT_EQ(*wake_futex(m, key_of(1), 1, 2), 1u);
    EXPECT_TRUE(m[b].flags & task_handed);
    EXPECT_EQ(*wake_futex(m, key_of(2), 9, ~0u), 0u);
    EXPECT_EQ(*wake_futex(m, key_of(1), 9, ~0u), 2u);
    EXPECT_FALSE(find_futex(m, key_of(1)));
    expect_sound();
}

// Thousands of words at once: all are found while the table grows, and again while it shrinks.
TEST_F(Waits, FutexTableGrowsAndShrinks)
{
    constexpr uint64_t many = 3000;
    std::vector<TaskId> tasks;
    for (uint64_t i = 0; i < many; ++i) {
        tasks.push_back(small.thread(m[a].signal));
        wait_on(m, tasks.back(), i * 1024);
    }
    EXPECT_EQ(m.state.futex_buckets, many);
    for (uint64_t i = 0; i < many; ++i) ASSERT_TRUE(find_futex(m, key_of(i * 1024))) << i;
    for (uint64_t i = 0; i < many; i += 2) ASSERT_EQ(*wake_futex(m, key_of(i * 1024), 1, ~0u), 1u);
    for (uint64_t i = 0; i < many; ++i) ASSERT_EQ(bool(find_futex(m, key_of(i * 1024))), i % 2 == 1) << i;
    for (uint64_t i = 1; i < many; i += 2) wake_task(m, tasks[i]);
    EXPECT_EQ(m.pool<FutexQueue>().size(), 0u);
    EXPECT_LT(m.state.futex_buckets, 100u);
}

}  // namespace
}  // namespace norn
