// Input from outside, as a part of the machine.
#include "fs/outside.h"

#include <gtest/gtest.h>

#include "norn/boot.h"

namespace norn {
namespace {

Machine machine_with(StreamSetup input)
{
    Machine m;
    BootSpec spec;
    spec.streams[0] = input;
    spec.streams[1].kind = StreamKind::pipe;
    spec.streams[2].kind = StreamKind::pipe;
    boot(m, spec);
    return m;
}

Arrival typed(std::string_view text)
{
    return {.bytes = {text.begin(), text.end()}};
}

TEST(Outside, InputIsKeptAndHashed)
{
    Machine one = machine_with({.kind = StreamKind::pipe}), other = one;
    outside_arrive(one, typed("hello"));
    EXPECT_EQ(one.state.outside[0].arrived, 5u);
    EXPECT_NE(one.hash(), other.hash());
    outside_arrive(other, typed("hellp"));
    EXPECT_NE(one.hash(), other.hash());
    Machine third = machine_with({.kind = StreamKind::pipe});
    outside_arrive(third, typed("hello"));
    EXPECT_EQ(one.hash(), third.hash());
}

TEST(Outside, InputOfManyPages)
{
    Machine m = machine_with({.kind = StreamKind::pipe});
    const uint64_t before = m.state.used_pages;
    outside_arrive(m, typed(std::string(10'000, 'x')));
    outside_arrive(m, typed(std::string(10'000, 'y')));
    EXPECT_EQ(m.state.outside[0].arrived, 20'000u);
    EXPECT_EQ(m.state.used_pages, before + 5);
}

TEST(Outside, TheEndComesOnce)
{
    Machine m = machine_with({.kind = StreamKind::pipe});
    EXPECT_EQ(m.state.outside[0].state, outside_open);
    outside_arrive(m, {.kind = Arrival::Kind::end_of_input, .bytes = {}});
    EXPECT_EQ(m.state.outside[0].state, outside_ended);
}

TEST(Outside, AFileBeginsWhereItStood)
{
    Machine m = machine_with({.kind = StreamKind::file, .offset = 100, .size = 200});
    EXPECT_EQ(m.state.outside[0].arrived, 100u);
    EXPECT_EQ(m[m.state.outside[0].inode].size, 200u);
    outside_arrive(m, typed("abc"));
    EXPECT_EQ(m.state.outside[0].arrived, 103u);
}

TEST(Outside, ATerminalIsTheConsole)
{
    Machine m = machine_with({.kind = StreamKind::terminal, .rows = 33, .columns = 99});
    ASSERT_TRUE(m.state.console);
    EXPECT_EQ(m[m.state.console].rows, 33);
    outside_arrive(m, {.kind = Arrival::Kind::window_size, .rows = 10, .columns = 20, .bytes = {}});
    EXPECT_EQ(m[m.state.console].rows, 10);
    EXPECT_EQ(m[m.state.console].columns, 20);
}

}  // namespace
}  // namespace norn
