#include <gtest/gtest.h>

#include "mm/mmap.h"
#include "mm/usercopy.h"
#include "syscall/flags.h"
#include "syscall/strace_show.h"

namespace norn::strace {
namespace {

TEST(Flags, AreNamedOneByOneOrJoined)
{
    EXPECT_EQ(show_flags("mmap_prot", 3), "PROT_READ|PROT_WRITE");
    EXPECT_EQ(show_flags("mmap_prot", 0), "PROT_NONE");
    EXPECT_EQ(show_flags("msync_flags", 0), "0");
    EXPECT_EQ(show_flags("madvise_advice", 4), "MADV_DONTNEED");
    EXPECT_EQ(show_flags("madvise_advice", 77), "0x4d /* MADV_??? */");
    EXPECT_EQ(show_flags("mremap_flags", 1 | 64), "MREMAP_MAYMOVE|0x40");
    EXPECT_EQ(show_flags("no such set", 5), "0x5");
}

TEST(Signals, HaveTheirNames)
{
    EXPECT_EQ(signal_name(17), "SIGCHLD");
    EXPECT_EQ(signal_name(32), "SIGRTMIN");
    EXPECT_EQ(signal_name(34), "SIGRT_2");
    EXPECT_EQ(show_sigset(0), "[]");
    EXPECT_EQ(show_sigset(1ull << 1 | 1ull << 16), "[INT CHLD]");
    EXPECT_EQ(show_sigset(~0ull), "~[]");
    EXPECT_EQ(show_sigset(~(1ull << 31 | 1ull << 32)), "~[RTMIN RT_1]");
}

TEST(Signals, TellWhereTheyCameFrom)
{
    SigInfo child;
    child.signo = 17;
    child.code = 1;
    child.pid = 7;
    child.status = 3;
    std::string text;
    show_signal_info(text, child);
    EXPECT_EQ(
        text,
        "{si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=7, si_uid=0, si_status=3, si_utime=0, si_stime=0}");
    SigInfo fault;
    fault.signo = 11;
    fault.code = 2;
    text.clear();
    show_signal_info(text, fault);
    EXPECT_EQ(text, "{si_signo=SIGSEGV, si_code=SEGV_ACCERR, si_addr=NULL}");
}

TEST(Dates, GoThroughLeapYears)
{
    EXPECT_EQ(show_date(1, 2), "1970-01-01T00:00:01.000000002+0000");
    EXPECT_EQ(show_date(951'782'400, 0), "2000-02-29T00:00:00+0000");
    EXPECT_EQ(show_date(-1, 0), "1969-12-31T23:59:59+0000");
}

/// Memory of a guest with some bytes in it.
class Shown : public ::testing::Test {
  protected:
    Machine m;
    MmId mm = new_mm(m);
    uint64_t at = 0;
    std::string out;
    std::array<uint64_t, 6> args{};

    void put(std::string_view bytes)
    {
        MapRequest request;
        request.length = 8192;
        request.flags = vma_read | vma_write | vma_may_write;
        at = *map(m, mm, {}, request);
        ASSERT_EQ(write_user(m, mm, at, {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}),
                  bytes.size());
    }
    Show show() { return Show{m, mm, out, args}; }
};

TEST_F(Shown, BytesAreEscapedInTheShortestWay)
{
    using namespace std::string_view_literals;
    put("a\"b\\\n\0\0011\1\377"sv);
    Show s = show();
    show_bytes(s, at, 10);
    EXPECT_EQ(out, R"("a\"b\\\n\0\0011\1\377")");
}

TEST_F(Shown, StringsAreCutAndPathsAreNot)
{
    const std::string letters(40, 'x');
    put(letters);
    Show s = show();
    show_string(s, at, false);
    EXPECT_EQ(out, "\"" + letters.substr(0, 32) + "\"...");
    out.clear();
    show_string(s, at, true);
    EXPECT_EQ(out, "\"" + letters + "\"");
    out.clear();
    show_string(s, 0, true);
    show_string(s, 8, true);
    EXPECT_EQ(out, "NULL0x8");
}

TEST_F(Shown, StructuresThatCannotBeReadAreAddresses)
{
    put({});
    Show s = show();
    EXPECT_TRUE(show_structure(s, "timespec", at));
    EXPECT_EQ(out, "{tv_sec=0, tv_nsec=0}");
    out.clear();
    EXPECT_FALSE(show_structure(s, "timespec", 8));
    EXPECT_FALSE(show_structure(s, "no such structure", at));
    EXPECT_EQ(out, "");
    EXPECT_TRUE(show_structure(s, "timespec", 0));
    EXPECT_EQ(out, "NULL");
}

TEST_F(Shown, AFailedCallHasFilledNothing)
{
    put({});
    Show s = show();
    s.exiting = true;
    s.shows_output = true;
    s.result = -2;
    EXPECT_FALSE(show_structure(s, "stat", at));
    out.clear();
    show_result(s, "open");
    EXPECT_EQ(out, "-1 ENOENT (No such file or directory)");
    out.clear();
    s.result = -512;
    show_result(s, "read");
    EXPECT_EQ(out, "? ERESTARTSYS (To be restarted if SA_RESTART is set)");
}

}  // namespace
}  // namespace norn::strace
