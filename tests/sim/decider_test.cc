#include "sim/decider.h"

#include <gtest/gtest.h>

#include "norn/machine.h"
#include "norn/record.h"

namespace norn {
namespace {

TEST(Decider, RandomnessIsAFunctionOfSeedAndKey)
{
    const Choice choice{ChoiceKind::wake, 7, 3, 100};
    EXPECT_EQ(random_for(1, choice), random_for(1, choice));
    EXPECT_NE(random_for(1, choice), random_for(2, choice));
    EXPECT_NE(random_for(1, choice), random_for(1, Choice{ChoiceKind::wake, 7, 4, 100}));
    EXPECT_NE(random_for(1, choice), random_for(1, Choice{ChoiceKind::wake, 8, 3, 100}));
    EXPECT_NE(random_for(1, choice), random_for(1, Choice{ChoiceKind::pid, 7, 3, 100}));
}

TEST(Decider, AnswersAreBelowTheNumberOfOptions)
{
    const Machine m;
    SeededDecider fair(5);
    RandomWalk walk(5);
    FaultDecider faults(walk, 5, {.fork = 1'000'000, .short_io = 1'000'000});
    for (uint8_t kind = 0; kind <= static_cast<uint8_t>(ChoiceKind::calls); ++kind) {
        for (uint32_t n = 0; n < 200; ++n) {
            const Choice choice{static_cast<ChoiceKind>(kind), n, n, 2 + n % 9};
            EXPECT_LT(fair.choose(m, choice), choice.options);
            EXPECT_LT(walk.choose(m, choice), choice.options);
            EXPECT_LT(faults.choose(m, choice), choice.options);
        }
    }
}

TEST(Decider, ForksFailAsOftenAsAsked)
{
    const Machine m;
    SeededDecider fair(1);
    FaultDecider faults(fair, 1, {.fork = 50'000});
    uint32_t failed = 0;
    for (uint32_t n = 0; n < 10'000; ++n)
        failed += faults.choose(m, Choice{ChoiceKind::clone_fault, 1, n, 3}) != 0;
    EXPECT_NEAR(failed, 500, 100);
}

TEST(Decider, FaultsAreReadAsWritten)
{
    EXPECT_EQ(*parse_faults("fork"), (FaultRates{.fork = 100'000}));
    EXPECT_EQ(*parse_faults("fork=5%,short-io=0.25"), (FaultRates{.fork = 50'000, .short_io = 250'000}));
    for (const char* wrong : {"fork=2", "fork=-1", "fork=x", "spoon", "fork=5%%"})
        EXPECT_FALSE(parse_faults(wrong).ok()) << wrong;
}

TEST(Decider, AReplayedChoiceMustBeTheRecordedOne)
{
    Machine m;
    std::vector<TakenChoice> log;
    RandomWalk walk(9);
    RecordingDecider recorder(walk, log);
    const Choice first{ChoiceKind::next_task, 1, 0, 5}, second{ChoiceKind::slice, 1, 1, 8};
    const uint64_t a = recorder.choose(m, first), b = recorder.choose(m, second);

    ReplayDecider same(log, 0);
    EXPECT_EQ(same.choose(m, first), a);
    EXPECT_EQ(same.choose(m, second), b);
    EXPECT_EQ(same.mismatch(), "");
    EXPECT_EQ(same.choose(m, second), 0u);
    EXPECT_NE(same.mismatch().find("past the end"), std::string::npos);

    ReplayDecider other(log, 0);
    (void)other.choose(m, second);
    EXPECT_NE(other.mismatch().find("choice 0"), std::string::npos);
}

}  // namespace
}  // namespace norn
