#include "kernel/sched.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "lib/pairing_heap.h"
#include "small_machine.h"

namespace norn {
namespace {

bool sooner(const Machine& m, TimerId a, TimerId b)
{
    if (m[a].expires_ns != m[b].expires_ns) return m[a].expires_ns < m[b].expires_ns;
    return m[a].sequence < m[b].sequence;
}
using Heap = PairingHeap<Timer, sooner>;

TEST(PairingHeap, GivesWhatASortedListGives)
{
    std::mt19937 random(3);
    Machine m;
    TimerId root;
    std::vector<TimerId> in;
    for (int step = 0; step < 20'000; ++step) {
        if (in.empty() || random() % 5 < 3) {
            const TimerId node = m.allocate<Timer>();
            m.edit(node).expires_ns = random() % 500;
            m.edit(node).sequence = static_cast<uint64_t>(step);
            Heap::insert(m, root, node);
            in.push_back(node);
        } else {
            const bool first = random() % 2 == 0;
            const auto it = first ? std::find(in.begin(), in.end(), root)
                                  : in.begin() + static_cast<long>(random() % in.size());
            const TimerId node = *it;
            Heap::remove(m, root, node);
            m.free(node);
            in.erase(it);
        }
        if (in.empty()) {
            EXPECT_FALSE(root);
            continue;
        }
        const auto least =
            std::min_element(in.begin(), in.end(), [&](TimerId a, TimerId b) { return sooner(m, a, b); });
        ASSERT_EQ(root, *least) << "step " << step;
    }
}

struct Sched : ::testing::Test {
    SmallMachine small;
    Machine& m = small.m;
    TaskId a = small.process(small.init), b = small.process(small.init), c = small.process(small.init);
};

TEST_F(Sched, LeastRuntimeFirstAndRealTimeBeforeAll)
{
    for (const TaskId t : {a, b, c}) enqueue_task(m, t);
    EXPECT_EQ(m.state.runnable, 3u);
    EXPECT_EQ(peek_task(m), a);
    dequeue_task(m, a);
    m.edit(a).vruntime = 5'000'000;
    enqueue_task(m, a);
    EXPECT_EQ(peek_task(m), b);
    set_policy(m, c, sched_fifo, 10, 0);
    EXPECT_EQ(peek_task(m), c);
    EXPECT_TRUE(preempts(m, a));
    EXPECT_EQ(m.state.runnable, 3u);
}

TEST_F(Sched, FifoKeepsItsPlaceAndRoundRobinGoesToTheEnd)
{
    for (const TaskId t : {a, b}) {
        set_policy(m, t, sched_fifo, 5, 0);
        enqueue_task(m, t);
    }
    dequeue_task(m, a);
    requeue_task(m, a);
    EXPECT_EQ(peek_task(m), a);
    set_policy(m, a, sched_rr, 5, 0);
    dequeue_task(m, a);
    requeue_task(m, a);
    EXPECT_EQ(peek_task(m), b);
}

TEST_F(Sched, TakesTheNthThatMayRunThere)
{
    m.edit(a).affinity = 2;
    for (const TaskId t : {a, b, c}) enqueue_task(m, t);
    EXPECT_EQ(peek_task_for(m, 0), b);
    EXPECT_EQ(peek_task_for(m, 1), a);
    EXPECT_EQ(take_task(m, 0, 1), c);
    EXPECT_EQ(m.state.runnable, 2u);
    EXPECT_EQ(take_task(m, 0, 7), b) << "fewer than asked for: the last";
    EXPECT_EQ(take_task(m, 0, 0), TaskId{});
    EXPECT_EQ(take_task(m, 1, 0), a);
    EXPECT_EQ(m.state.runnable, 0u);
}

TEST_F(Sched, NiceWeighsTime)
{
    m.state.turn = 1;
    set_policy(m, b, sched_other, 0, 5);
    for (const TaskId t : {a, b}) {
        m.edit(t).vruntime = 0;
        spend_system_time(m, t, 1'000'000);
    }
    EXPECT_EQ(m[a].vruntime, 1'000'000u);
    EXPECT_NEAR(static_cast<double>(m[b].vruntime), 1e6 * 1024 / 335, 1e4);
    EXPECT_EQ(m.state.now_ns, 2'000'000u);
}

TEST_F(Sched, SpinningCostsMoreAndMoreAndWorkingDoesNot)
{
    m.state.turn = 1;
    uint64_t before = m.state.now_ns;
    for (int i = 0; i < 100; ++i) spend_spinning(m, a);
    const uint64_t last = m.state.now_ns;
    spend_spinning(m, a);
    EXPECT_EQ(m.state.now_ns - last, 1'000'000u);
    EXPECT_GT(last, before);
    before = m.state.now_ns;
    for (int i = 0; i < 100; ++i) {
        m.edit(b).retired += 50'000;
        spend_spinning(m, b);
    }
    // But each look moves the clock.
    EXPECT_EQ(m.state.now_ns, before + 100);
}

TEST_F(Sched, InstructionsMakeNanosecondsWithoutLosingAny)
{
    m.state.turn = 1;
    for (int i = 0; i < 1001; ++i) spend_instructions(m, a, 1);
    EXPECT_EQ(m.state.processors[0].clock_ns, 500u);
    EXPECT_EQ(m[a].utime_ns, 500u);
    EXPECT_EQ(m[a].retired, 1001u);
}

TEST(Spend, VirtualRuntimeIsTheSameHoweverTheTimeWasCut)
{
    for (const int nice : {-20, -3, 0, 1, 7, 19}) {
        SmallMachine cut, whole;
        for (SmallMachine* small : {&cut, &whole}) {
            small->m.edit(small->init).nice = static_cast<int8_t>(nice);
            small->m.state.turn = 1;
        }
        for (uint32_t piece = 1; piece <= 500; ++piece) spend(cut.m, cut.m.edit(cut.init), piece, piece % 3);
        spend(whole.m, whole.m.edit(whole.init), 500 * 501 / 2, 501);
        EXPECT_EQ(cut.m[cut.init].vruntime, whole.m[whole.init].vruntime) << "nice " << nice;
        EXPECT_EQ(cut.m[cut.init].vruntime_rest, whole.m[whole.init].vruntime_rest) << "nice " << nice;
    }
}

}  // namespace
}  // namespace norn
