#include "lib/list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace norn {
namespace {

using TwoEnds = List<&Signal::first_thread, &Signal::last_thread, &Task::next_thread, &Task::prev_thread>;
using OneEnd = List<&Pid::group_first, no_last, &Signal::pgrp_next, &Signal::pgrp_prev>;

std::vector<TaskId> forwards(const Machine& m, SignalId owner)
{
    std::vector<TaskId> members;
    for (TaskId at = m[owner].first_thread; at; at = m[at].next_thread) members.push_back(at);
    return members;
}

std::vector<TaskId> backwards(const Machine& m, SignalId owner)
{
    std::vector<TaskId> members;
    for (TaskId at = m[owner].last_thread; at; at = m[at].prev_thread) members.push_back(at);
    std::reverse(members.begin(), members.end());
    return members;
}

TEST(List, IsTheSameFromBothEnds)
{
    std::mt19937 random(1);
    Machine m;
    const SignalId owner = m.allocate<Signal>();
    std::vector<TaskId> expected;
    for (int step = 0; step < 2000; ++step) {
        const std::size_t at = expected.empty() ? 0 : random() % expected.size();
        switch (expected.empty() ? random() % 2 : random() % 4) {
            case 0:
                expected.insert(expected.begin(), m.allocate<Task>());
                TwoEnds::push_front(m, owner, expected.front());
                break;
            case 1:
                expected.push_back(m.allocate<Task>());
                TwoEnds::push_back(m, owner, expected.back());
                break;
            case 2:
                TwoEnds::remove(m, owner, expected[at]);
                m.free(expected[at]);
                expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(at));
                break;
            default: {
                const TaskId by = m.allocate<Task>();
                TwoEnds::replace(m, owner, expected[at], by);
                EXPECT_FALSE(m[expected[at]].next_thread || m[expected[at]].prev_thread);
                m.free(std::exchange(expected[at], by));
            }
        }
        ASSERT_EQ(forwards(m, owner), expected);
        ASSERT_EQ(backwards(m, owner), expected);
    }
}

TEST(List, MayKnowItsFirstMemberOnly)
{
    Machine m;
    const PidId owner = m.allocate<Pid>();
    const SignalId older = m.allocate<Signal>();
    const SignalId newer = m.allocate<Signal>();
    OneEnd::push_front(m, owner, older);
    OneEnd::push_front(m, owner, newer);
    EXPECT_EQ(m[owner].group_first, newer);
    EXPECT_EQ(m[newer].pgrp_next, older);
    EXPECT_EQ(m[older].pgrp_prev, newer);
    OneEnd::remove(m, owner, newer);
    EXPECT_EQ(m[owner].group_first, older);
    EXPECT_FALSE(m[older].pgrp_prev);
}

}  // namespace
}  // namespace norn
