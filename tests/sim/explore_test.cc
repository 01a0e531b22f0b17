// Exploration finds what plain runs do not show, and what it finds replays.
#include "norn/explore.h"

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

TEST(Explore, FindsTheLostWakeUpAndItReplays)
{
    const auto root = host_files();
    const auto report = explored(on_one_processor({supervisor}), {.runs = 2000, .workers = 2}, root);
    ASSERT_FALSE(report.findings.empty());
    const Finding& finding = report.findings.front();
    EXPECT_EQ(finding.rule, "deadlock");
    EXPECT_NE(finding.cause.find("pause"), std::string::npos) << finding.cause;

    auto again = norn::Run::repeat(finding.run.spec(), root,
                                   std::make_shared<const Recording>(finding.run.recording()));
    ASSERT_TRUE(again.ok());
    NoOutside nothing;
    EXPECT_EQ(again->go({}, nothing), Ending::deadlock);
    EXPECT_EQ(again->result().hash, finding.run.result().hash);
}

TEST(Explore, FindsNothingInTheMendedOne)
{
    const auto report = explored(on_one_processor({supervisor, "-f"}), {.runs = 300, .workers = 2});
    EXPECT_TRUE(report.findings.empty()) << report.findings.front().cause;
    EXPECT_EQ(report.progress.done, 301u);
}

TEST(Explore, TheNumberOfWorkersDoesNotShow)
{
    const ExploreOptions options{.runs = 400, .workers = 1};
    ExploreOptions two = options;
    two.workers = 2;
    const auto first = explored(on_one_processor({supervisor}), options);
    const auto second = explored(on_one_processor({supervisor}), two);
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
