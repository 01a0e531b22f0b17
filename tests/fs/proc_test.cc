// The tables of /proc and /sys, and /proc of a machine that does not run.
#include <gtest/gtest.h>

#include <set>

#include "fs/proc.h"
#include "norn/boot.h"
#include "norn/proc.h"

namespace norn {
namespace {

TEST(ProcTable, EveryRowIsOneThing)
{
    for (int number = 0; number < static_cast<int>(ProcDir::count); ++number) {
        const ProcDirectory& directory = proc_directory(static_cast<ProcDir>(number));
        ASSERT_LT(directory.entries.size(), 250u);
        std::set<std::string_view> names;
        for (const ProcEntry& entry : directory.entries) {
            EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
            EXPECT_EQ(type_of(entry.mode) == s_ifdir, entry.directory != ProcDir::count) << entry.name;
            EXPECT_FALSE(entry.text && !entry.constant.empty()) << entry.name;
            EXPECT_FALSE(entry.store && (entry.mode & 0222) == 0) << entry.name;
        }
    }
}

TEST(ProcTable, Numbers)
{
    EXPECT_EQ(*parse_number(" 12\n"), 12);
    EXPECT_EQ(*parse_number("-5"), -5);
    for (const char* text : {"", " ", "x", "5 x", "--5", "-", "99999999999999999999"})
        EXPECT_EQ(parse_number(text).error(), EINVAL) << text;
    EXPECT_EQ(cpu_list(0b1), "0");
    EXPECT_EQ(cpu_list(0b1111), "0-3");
    EXPECT_EQ(cpu_list(0b1011), "0-1,3");
    EXPECT_EQ(cpu_list(~0ull), "0-63");
    EXPECT_EQ(cpu_list(0), "");
}

class ProcReadTest : public testing::Test {
  protected:
    ProcReadTest() { boot(m_, BootSpec{}); }
    std::string read(std::string_view path)
    {
        const Result<std::string> text = proc_read(m_, path);
        return text.ok() ? *text : std::string(errno_name(text.error()));
    }
    Machine m_;
};

TEST_F(ProcReadTest, ReadsWhatAnybodyCouldRead)
{
    EXPECT_EQ(read("/proc/sys/kernel/ostype"), "Linux\n");
    EXPECT_EQ(read("sys/kernel/hostname"), "norn\n");
    EXPECT_EQ(read("/proc/1/stat").substr(0, 3), "1 (");
    EXPECT_NE(read("/proc/1/status").find("\nPid:\t1\n"), std::string::npos);
    EXPECT_EQ(read("/proc/1/maps"), "");
    EXPECT_EQ(read("/proc/mounts"), "self/mounts");
}

TEST_F(ProcReadTest, WhatIsNotThere)
{
    EXPECT_EQ(read("/proc/2/stat"), "ENOENT");
    EXPECT_EQ(read("/proc/01"), "ENOENT");
    EXPECT_EQ(read("/proc/self"), "ENOENT");
    EXPECT_EQ(read("/proc/none"), "ENOENT");
    EXPECT_EQ(read("/proc/version/x"), "ENOTDIR");
    EXPECT_EQ(read("/proc/1"), "EISDIR");
    EXPECT_EQ(read(""), "EISDIR");
}

TEST_F(ProcReadTest, LeavesTheMachineAsItIs)
{
    const Hash before = m_.hash();
    for (const char* path : {"/proc/1/status", "/proc/1/stat", "/proc/meminfo", "/proc/stat", "/proc/none"})
        read(path);
    EXPECT_EQ(m_.hash(), before);
}

TEST_F(ProcReadTest, ShowsWhatTheStateSays)
{
    const Hash before = m_.hash();
    m_.state.limits.pid_max = 1000;
    EXPECT_EQ(read("/proc/sys/kernel/pid_max"), "1000\n");
    EXPECT_NE(m_.hash(), before);
}

}  // namespace
}  // namespace norn
