// A run is a value: the same again, copied half-way, stopped anywhere, replayed.
#include "norn/run.h"

#include <csignal>
#include <set>

#include "norn/save.h"
#include "sim/programs.h"

namespace norn {
namespace {

const std::string busy_script =
    "for i in 1 2 3; do (echo $i; exit $i) & done; wait; echo $(echo a | cat) | cat";

TEST(Run, TheSameTwice)
{
    norn::Run first = started(busybox(busy_script), host_files());
    norn::Run second = started(busybox(busy_script), host_files());
    Output one, two;
    EXPECT_EQ(first.go({}, one), Ending::exited);
    second.go({}, two);
    EXPECT_EQ(one.text, two.text);
    EXPECT_EQ(first.result().hash, second.result().hash);
}

TEST(Run, CopiesInMidRunGoOnToTheSameEnd)
{
    norn::Run whole = started(busybox(busy_script), host_files());
    Output output;
    norn::Run half = whole;
    whole.go({}, output);
    const uint64_t all = whole.machine().state.retired;
    for (const uint64_t part : {all / 5, all / 3, all / 2, all - all / 10}) {
        Output first, second;
        norn::Run base = half;
        base.go({.retired = part}, first);
        norn::Run copy = base;
        EXPECT_EQ(copy.machine().hash(), base.machine().hash());
        second.text = first.text;
        base.go({}, first);
        copy.go({}, second);
        EXPECT_EQ(copy.result().hash, whole.result().hash) << "at " << part;
        EXPECT_EQ(base.result().hash, whole.result().hash) << "at " << part;
        EXPECT_EQ(first.text, output.text);
        EXPECT_EQ(second.text, output.text);
    }
}

TEST(Run, TheThreadsSignalsAreAsTheyWere)
{
    sigset_t before, after;
    sigemptyset(&before);
    sigaddset(&before, SIGUSR2);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    norn::Run run = started(busybox(busy_script), host_files());
    Output output;
    run.go({}, output);
    pthread_sigmask(SIG_SETMASK, nullptr, &after);
    for (int signal = 1; signal < NSIG; ++signal)
        EXPECT_EQ(sigismember(&after, signal), signal == SIGUSR2) << signal;
}

TEST(Run, WhereItWasStoppedDoesNotShow)
{
    norn::Run whole = started(busybox(busy_script), host_files());
    norn::Run stopped = started(busybox(busy_script), host_files());
    Output one, two;
    whole.go({}, one);
    for (uint64_t at = 1; stopped.ending() == Ending::none; at += 997) stopped.go({.retired = at}, two);
    EXPECT_EQ(stopped.result().hash, whole.result().hash);
    EXPECT_EQ(one.text, two.text);
}

TEST(Run, AChangeOfACopyDoesNotDisturbTheOther)
{
    norn::Run first = started(busybox(busy_script), host_files());
    NoOutside nothing;
    first.go({.retired = 50'000}, nothing);
    const Hash before = first.machine().hash();
    norn::Run second = first;
    second.go({}, nothing);
    EXPECT_EQ(first.machine().hash(), before);
    EXPECT_NE(second.machine().hash(), before);
}

TEST(Run, SavedAndLoadedGoesOnToTheSameEnd)
{
    const auto root = host_files();
    norn::Run run = started(busybox(busy_script), root);
    NoOutside nothing;
    run.go({.retired = 60'000}, nothing);
    auto loaded = load_machine(save_machine(run.machine()));
    ASSERT_TRUE(loaded.ok()) << loaded.failure().text;
    EXPECT_EQ(loaded->hash(), run.machine().hash());
    norn::Run other = run;
    loaded->root = root;
    other.machine() = *std::move(loaded);
    run.go({}, nothing);
    other.go({}, nothing);
    EXPECT_EQ(other.result().hash, run.result().hash);
}

TEST(Run, TenSeedsGiveAtLeastFiveInterleavings)
{
    std::set<std::string> seen;
    for (uint64_t seed = 0; seed < 10; ++seed) {
        Output output;
        norn::Run run = started(busybox(two_writers, seed), host_files());
        EXPECT_EQ(run.go({}, output), Ending::exited);
        EXPECT_EQ(output.text.size(), 80u);
        seen.insert(output.text);
    }
    EXPECT_GE(seen.size(), 5u);
}

TEST(Run, AReplayEndsInTheSameHash)
{
    const auto root = host_files();
    norn::Run run = started(busybox(two_writers, 3), root);
    Output then, now;
    run.go({}, then);
    auto again = norn::Run::repeat(run.spec(), root, std::make_shared<const Recording>(run.recording()));
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->go({}, now), Ending::exited);
    EXPECT_EQ(again->result().hash, run.result().hash);
    EXPECT_EQ(now.text, then.text);
}

TEST(Run, AReplayNeedsNothingButItsAnswers)
{
    const auto root = host_files();
    norn::Run run = started(busybox("ls / | wc -l; cat /etc/passwd | wc -c"), root);
    Output then, now;
    run.go({}, then);
    const auto remembered =
        std::make_shared<RecordedView>(root->answers(), root->contents([](const Hash&) { return true; }));
    auto again =
        norn::Run::repeat(run.spec(), remembered, std::make_shared<const Recording>(run.recording()));
    ASSERT_TRUE(again.ok());
    again->go({}, now);
    EXPECT_EQ(remembered->missing(), "");
    EXPECT_EQ(again->result().hash, run.result().hash);
    EXPECT_EQ(now.text, then.text);
}

TEST(Run, AReplayThatLeavesItsRecordingSaysWhere)
{
    const auto root = host_files();
    norn::Run run = started(busybox(two_writers), root);
    NoOutside nothing;
    run.go({}, nothing);
    Recording changed = run.recording();
    ASSERT_GT(changed.choices.size(), 10u);
    ChoiceLog::Cursor cursor(run.recording().choices);
    changed.choices = {};
    while (auto taken = cursor.next()) {
        if (cursor.index() == 11) taken->retired += 1;
        changed.choices.push_back(*taken);
    }
    auto again = norn::Run::repeat(run.spec(), root, std::make_shared<const Recording>(changed));
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->go({}, nothing), Ending::diverged);
    EXPECT_NE(again->mismatch().find("choice 10"), std::string::npos) << again->mismatch();
}

TEST(Run, ATimeoutCountsVirtualTime)
{
    RunSpec spec = busybox("sleep 1000; echo never");
    spec.timeout_ns = 2'000'000'000;
    norn::Run run = started(spec, host_files());
    Output output;
    EXPECT_EQ(run.go({}, output), Ending::timed_out);
    EXPECT_EQ(output.text, "");
    EXPECT_EQ(exit_status(run.result()), 124);
}

TEST(Run, NothingCanWakeAnybodyIsADeadlock)
{
    norn::Run run = started(busybox("mkfifo /tmp/never-opened; cat /tmp/never-opened"), host_files());
    NoOutside nothing;
    EXPECT_EQ(run.go({}, nothing), Ending::deadlock);
    EXPECT_EQ(exit_status(run.result()), 125);
}

}  // namespace
}  // namespace norn
