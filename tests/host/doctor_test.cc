// What `norn doctor` finds out.
#include "host/doctor.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace norn {
namespace {

HostFinding finding(const std::string& what)
{
    const std::vector<HostFinding> all = examine_host();
    const auto at =
        std::find_if(all.begin(), all.end(), [&](const HostFinding& f) { return f.what == what; });
    return at == all.end() ? HostFinding{} : *at;
}

TEST(Doctor, WhatIsNotFineHasAdvice)
{
    for (const HostFinding& found : examine_host()) {
        EXPECT_FALSE(found.found.empty()) << found.what;
        EXPECT_EQ(found.health == Health::fine, found.advice.empty()) << found.what;
    }
}

TEST(Doctor, ThisHostRunsTheTests)
{
    EXPECT_EQ(finding("processor").health, Health::fine);
    EXPECT_EQ(finding("kernel").health, Health::fine);
    EXPECT_EQ(finding("executable memory").health, Health::fine);
}

TEST(Doctor, SeesATightLimit)
{
    const pid_t child = fork();
    if (child == 0) {
        const rlimit few = {64, 64};
        setrlimit(RLIMIT_NOFILE, &few);
        const HostFinding found = finding("open files");
        _exit(found.found == "64" && found.health == Health::slow ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace norn
