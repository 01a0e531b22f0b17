#include "sim/decider.h"

#include <gtest/gtest.h>

#include <random>

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
    ChoiceLog log;
    RandomWalk walk(9);
    RecordingDecider recorder(walk, log);
    const Choice first{ChoiceKind::next_task, 1, 0, 5}, second{ChoiceKind::slice, 1, 1, 8};
    const uint64_t a = recorder.choose(m, first), b = recorder.choose(m, second);

    ChoiceLog::Cursor cursor(log);
    ReplayDecider same(cursor);
    EXPECT_EQ(same.choose(m, first), a);
    EXPECT_EQ(same.choose(m, second), b);
    EXPECT_EQ(same.mismatch(), "");
    EXPECT_EQ(same.choose(m, second), 0u);
    EXPECT_NE(same.mismatch().find("past the end"), std::string::npos);

    ChoiceLog::Cursor from_start(log);
    ReplayDecider other(from_start);
    (void)other.choose(m, second);
    EXPECT_NE(other.mismatch().find("choice 0"), std::string::npos);
}

bool same(const TakenChoice& a, const TakenChoice& b)
{
    return a.choice.kind == b.choice.kind && a.choice.lineage == b.choice.lineage &&
           a.choice.ordinal == b.choice.ordinal && a.choice.options == b.choice.options &&
           a.value == b.value && a.retired == b.retired;
}

/// Choices as tasks ask them, and some as nobody would.
std::vector<TakenChoice> many_choices()
{
    std::mt19937_64 random(4);
    std::vector<TakenChoice> all;
    uint64_t retired = 0;
    for (uint32_t i = 0; i < 50'000; ++i) {
        TakenChoice taken;
        const bool odd = random() % 16 == 0;
        taken.choice.kind = static_cast<ChoiceKind>(random() % 9);
        taken.choice.lineage = odd ? random() : 1000 + random() % 200;
        taken.choice.ordinal = odd ? static_cast<uint32_t>(random()) : i / 100;
        taken.choice.options = odd ? 0 : 2 + random() % 60;
        taken.value = odd ? random() : random() % taken.choice.options;
        taken.retired = retired += odd ? random() % (1ull << 40) : random() % 300;
        all.push_back(taken);
    }
    return all;
}

void expect_same(const ChoiceLog& log, const std::vector<TakenChoice>& all)
{
    ASSERT_EQ(log.size(), all.size());
    ChoiceLog::Cursor cursor(log);
    for (const TakenChoice& wanted : all) {
        const auto got = cursor.next();
        ASSERT_TRUE(got && same(*got, wanted)) << "choice " << cursor.index();
    }
    EXPECT_FALSE(cursor.next());
}

TEST(ChoiceLog, GivesBackWhatItWasGiven)
{
    const std::vector<TakenChoice> all = many_choices();
    ChoiceLog log;
    for (const TakenChoice& taken : all) log.push_back(taken);
    expect_same(log, all);
    const auto loaded = ChoiceLog::from_bytes(log.bytes());
    ASSERT_TRUE(loaded);
    expect_same(*loaded, all);
}

TEST(ChoiceLog, CopiesGoTheirOwnWays)
{
    std::vector<TakenChoice> all = many_choices();
    ChoiceLog log;
    for (std::size_t i = 0; i < 20'000; ++i) log.push_back(all[i]);
    ChoiceLog copy = log;
    for (std::size_t i = 20'000; i < all.size(); ++i) log.push_back(all[i]);
    for (std::size_t i = all.size(); i-- > 45'000;) copy.push_back(all[i]);
    expect_same(log, all);
    std::vector<TakenChoice> other(all.begin(), all.begin() + 20'000);
    other.insert(other.end(), all.rbegin(), all.rbegin() + 5'000);
    expect_same(copy, other);
}

TEST(ChoiceLog, TakesAFewBytesForAChoice)
{
    ChoiceLog log;
    for (uint32_t i = 0; i < 10'000; ++i)
        log.push_back({{ChoiceKind::slice, 0xdead'beef'0000u + i % 7, i / 7, 6}, i % 6, i * 200ull});
    EXPECT_LT(log.bytes().size(), 80'000u);
}

TEST(ChoiceLog, DamagedBytesAreNoneOrAnotherLog)
{
    ChoiceLog log;
    for (const TakenChoice& taken : many_choices()) log.push_back(taken);
    const std::string whole = log.bytes().substr(0, 3000);
    std::mt19937 random(5);
    int refused = 0;
    for (int i = 0; i < 3000; ++i) {
        std::string damaged = whole;
        damaged[random() % damaged.size()] ^= static_cast<char>(1 + random() % 255);
        damaged.resize(damaged.size() - random() % 8);
        const auto loaded = ChoiceLog::from_bytes(damaged);
        refused += !loaded;
        if (!loaded) continue;
        EXPECT_EQ(loaded->bytes(), damaged);
        ChoiceLog::Cursor cursor(*loaded);
        while (const auto taken = cursor.next())
            ASSERT_TRUE(taken->choice.options == 0 || taken->value < taken->choice.options);
    }
    EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace norn
