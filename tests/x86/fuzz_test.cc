// A fixed slice of the differential fuzzer (make fuzz-engine runs much more of it).
#include <gtest/gtest.h>

#include "engine/fuzzer.h"
#include "x86/verify.h"

namespace norn::fuzz {
namespace {

std::string joined(const std::vector<std::string>& lines)
{
    std::string out;
    for (const std::string& line : lines) out += line + '\n';
    return out;
}

TEST(EngineFuzz, AgreesWithTheProcessor)
{
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "the sanitizer's shadow memory stands where cases expect a fault";
#endif
    FuzzOptions options;
    options.seed = 20'26;
    options.cases = 30'000;
    const FuzzReport report = Fuzzer(options).run();
    EXPECT_EQ(report.mismatches, 0u) << joined(report.messages);
    EXPECT_GT(report.singles, options.cases / 2);
    EXPECT_GT(report.programs, options.cases / 20);
    EXPECT_GT(report.faults, report.singles / 20);
    EXPECT_TRUE(report.uncovered.empty()) << "no case of: " << joined(report.uncovered);
}

TEST(EngineFuzz, EveryUnitFollowsTheRules)
{
    x86::Verifier verifier;
    FuzzOptions options;
    options.seed = 7;
    options.cases = 600;
    options.watcher = &verifier;
    Fuzzer(options).run();
    EXPECT_GT(verifier.blocks(), options.cases);
    EXPECT_EQ(verifier.violations(), 0u) << verifier.first_violation();
}

}  // namespace
}  // namespace norn::fuzz
