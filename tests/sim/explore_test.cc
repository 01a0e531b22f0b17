// Exploration finds what plain runs do not show, and what it finds replays.
#include "norn/explore.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "kernel/run.h"
#include "sim/programs.h"

namespace norn {
namespace {

const std::string supervisor = NORN_BINARY_DIR "/examples/supervisor";

ExploreReport explored(const RunSpec& spec, const ExploreOptions& options,
                       const std::shared_ptr<RootView>& root = host_files())
{
    auto report = explore(spec, root, options, {});
    if (!report.ok()) {
        ADD_FAILURE() << report.failure().text;
        return {};
    }
    return *std::move(report);
}

RunSpec on_one_processor(std::vector<std::string> argv)
{
    RunSpec spec = spec_of(std::move(argv));
    spec.limits.cpus = 1;
    return spec;
}

void expect_same_again(const Finding& finding, const std::shared_ptr<RootView>& root)
{
    auto again = norn::Run::repeat(finding.run.spec(), root,
                                   std::make_shared<const Recording>(finding.run.recording()));
    ASSERT_TRUE(again.ok());
    NoOutside nothing;
    EXPECT_EQ(again->go({}, nothing), finding.run.ending()) << again->mismatch();
    EXPECT_EQ(again->result().hash, finding.run.result().hash);
}

TEST(Explore, FindsTheLostWakeUpAndItReplays)
{
    const auto root = host_files();
    const auto report = explored(on_one_processor({supervisor}), {.runs = 100, .workers = 2}, root);
    ASSERT_FALSE(report.findings.empty());
    const Finding& finding = report.findings.front();
    EXPECT_EQ(finding.rule, "deadlock");
    EXPECT_NE(finding.cause.find("pause"), std::string::npos) << finding.cause;
    expect_same_again(finding, root);
}

/// A small program with a race (sim/races), and which rule tells of it.
struct Race {
    const char* program;
    const char* rule;
};
void PrintTo(const Race& race, std::ostream* out)
{
    *out << race.program;
}

class Races : public testing::TestWithParam<Race> {};

TEST_P(Races, AreFoundInAHundredRunsAndReplay)
{
    const std::string program = std::string(NORN_BINARY_DIR "/races/") + GetParam().program;
    const auto root = host_files();
    const auto report = explored(on_one_processor({program}), {.runs = 100, .workers = 2}, root);
    ASSERT_FALSE(report.findings.empty());
    for (const Finding& finding : report.findings) {
        EXPECT_EQ(finding.rule, GetParam().rule) << finding.cause;
        expect_same_again(finding, root);
    }
}

INSTANTIATE_TEST_SUITE_P(Explore, Races,
                         testing::Values(Race{"lost_update", "exit-status"},
                                         Race{"reused_descriptor", "exit-status"},
                                         Race{"early_signal", "deadlock"},
                                         Race{"one_wait_a_signal", "deadlock"}));

TEST(Explore, WhoSpinsUntilAnotherGetsFurtherEnds)
{
    for (const char* how : {"spins", "yields"}) {
        const auto report = explored(on_one_processor({NORN_BINARY_DIR "/races/spin_wait", how}),
                                     {.runs = 100, .workers = 2});
        EXPECT_TRUE(report.findings.empty()) << how << ": " << report.findings.front().cause;
    }
}

TEST(Explore, WhoWaitsForMemoryLetsThoseRunWhoGiveItBack)
{
    RunSpec spec = on_one_processor({"/bin/sh", "-c", "echo a | cat"});
    spec.limits.memory_pages = 256;
    for (const Finding& finding : explored(spec, {.runs = 30, .workers = 2}).findings)
        EXPECT_EQ(finding.rule, "exit-status") << finding.cause;
}

/// Fair, but for the system calls before which slices end.
class OthersBeforeCalls final : public Decider {
  public:
    explicit OthersBeforeCalls(uint64_t calls) : calls_(calls) {}
    uint64_t choose(const Machine& /*machine*/, const Choice& choice) override
    {
        return choice.kind == ChoiceKind::calls ? calls_ : 0;
    }

  private:
    uint64_t calls_;
};

/// How often the letters of `two_writers` change.
std::ptrdiff_t turns_of_writers(uint64_t calls)
{
    RunSpec spec = busybox(two_writers);
    spec.limits.cpus = 1;
    Machine m = started(spec, host_files()).machine();
    x86::Engine engine;
    OthersBeforeCalls decider(calls);
    CaptureHost host;
    EXPECT_EQ(run(m, engine, decider, host, nullptr, {}), StopReason::program_ended);
    const std::string& text = host.output[1];
    EXPECT_EQ(std::count(text.begin(), text.end(), 'a'), 40);
    EXPECT_EQ(std::count(text.begin(), text.end(), 'b'), 40);
    return std::inner_product(text.begin() + 1, text.end(), text.begin(), std::ptrdiff_t{0}, std::plus<>(),
                              std::not_equal_to<>());
}

TEST(Explore, ASliceMayEndBeforeASystemCall)
{
    EXPECT_LE(turns_of_writers(0), 4);
    EXPECT_GE(turns_of_writers(1), 40);
}

TEST(Explore, FindsNothingInTheMendedOne)
{
    const auto report = explored(on_one_processor({supervisor, "-f"}), {.runs = 200, .workers = 2});
    EXPECT_TRUE(report.findings.empty()) << report.findings.front().cause;
    EXPECT_EQ(report.progress.done, 200u);
}

TEST(Explore, TheNumberOfWorkersDoesNotShow)
{
    const ExploreOptions options{.runs = 100, .workers = 1};
    ExploreOptions two = options;
    two.workers = 2;
    const auto root = host_files();
    const auto first = explored(on_one_processor({supervisor}), options, root);
    const auto second = explored(on_one_processor({supervisor}), two, root);
    EXPECT_FALSE(first.findings.empty());
    ASSERT_EQ(first.findings.size(), second.findings.size());
    for (std::size_t i = 0; i < first.findings.size(); ++i) {
        EXPECT_EQ(first.findings[i].seed, second.findings[i].seed);
        EXPECT_EQ(first.findings[i].count, second.findings[i].count);
        EXPECT_EQ(first.findings[i].run.result().hash, second.findings[i].run.result().hash);
    }
}

TEST(Explore, ForksFailWhereAsked)
{
    RunSpec spec = on_one_processor({"/bin/busybox", "sh", "-c", "(true) & wait $! || exit 9"});
    spec.faults.fork = 300'000;
    const auto report = explored(spec, {.runs = 40});
    EXPECT_FALSE(report.findings.empty());
}

TEST(Explore, AZombieThatNobodyReapsIsFound)
{
    const auto report = explored(
        on_one_processor({"/bin/bash", "-c", "/bin/busybox true & exec /bin/busybox sleep 30"}), {.runs = 3});
    ASSERT_EQ(report.findings.size(), 1u);
    EXPECT_EQ(report.findings.front().rule, "zombie");
    EXPECT_EQ(report.findings.front().cause.find("norn-init"), std::string::npos)
        << report.findings.front().cause;
}

TEST(Explore, AnExitStatusThatIsExpectedIsNoFinding)
{
    const RunSpec spec = on_one_processor({"/bin/busybox", "sh", "-c", "true & exit 4"});
    EXPECT_EQ(explored(spec, {.runs = 3}).findings.size(), 1u);
    EXPECT_TRUE(explored(spec, {.runs = 3, .expected_status = 4}).findings.empty());
}

}  // namespace
}  // namespace norn
