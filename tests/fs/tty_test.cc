// The line discipline: what is typed, what of it can be read, and what the screen shows. What is expected
// here is what a Linux terminal does with the same modes.
#include "fs/tty.h"

#include <gtest/gtest.h>

#include "fs/tty_line.h"

namespace norn {
namespace {

class TtyTest : public testing::Test {
  protected:
    TtyTest() : tty_(new_tty(m_))
    {
        m_.edit(tty_).stream = 2;
        m_.host = &host_;
    }
    ~TtyTest() override { m_.host = nullptr; }

    void type(std::string_view text)
    {
        tty_input(m_, tty_, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
    }
    /// What the screen got since it was last asked.
    std::string screen() { return std::exchange(host_.output[1], {}); }
    /// Bytes that can be read.
    std::string readable() const
    {
        const Tty& tty = m_[tty_];
        std::string text;
        for (uint32_t at = tty.tail; at != tty.tail + tty_available(tty); ++at)
            text += static_cast<char>(tty.input[at % tty_ring]);
        return text;
    }
    void local_mode(uint32_t bits, bool on)
    {
        uint32_t& modes = m_.edit(tty_).lflag;
        modes = on ? modes | bits : modes & ~bits;
    }

    Machine m_;
    CaptureHost host_;
    TtyId tty_;
};

TEST_F(TtyTest, ALineIsReadableWhenItEnds)
{
    type("hello");
    EXPECT_EQ(readable(), "");
    EXPECT_EQ(screen(), "hello");
    type("\r");
    EXPECT_EQ(readable(), "hello\n");
    EXPECT_EQ(screen(), "\r\n");
}

TEST_F(TtyTest, EraseTakesBackOneCharacterAndNotThePrompt)
{
    type(
        "ab\x7f\x7f\x7f"
        "c\n");
    EXPECT_EQ(readable(), "c\n");
    EXPECT_EQ(screen(), "ab\b \b\b \bc\r\n");
}

TEST_F(TtyTest, EraseTakesBackAWholeUtf8Character)
{
    type(
        "a\xc3\xa9\x7f"
        "b\n");
    EXPECT_EQ(readable(), "ab\n");
    EXPECT_EQ(screen(),
              "a\xc3\xa9\b \b"
              "b\r\n");
}

TEST_F(TtyTest, EraseOfAControlCharacterTakesBackBoth)
{
    type("\x16\x01\x7f\n");
    EXPECT_EQ(readable(), "\n");
    EXPECT_EQ(screen(), "^\b^A\b \b\b \b\r\n");
}

TEST_F(TtyTest, EraseOfATabGoesBackToWhereItBegan)
{
    type("abc\t\x7f");
    EXPECT_EQ(screen(), "abc\t\b\b\b\b\b");
}

TEST_F(TtyTest, KillAndWordErase)
{
    type("one two\x17three\n");
    EXPECT_EQ(readable(), "one three\n");
    screen();
    type("gone\x15kept\n");
    EXPECT_EQ(readable(), "one three\nkept\n");
    EXPECT_EQ(screen(), "gone\b \b\b \b\b \b\b \bkept\r\n");
}

TEST_F(TtyTest, WordEraseSkipsBlanksAtTheEnd)
{
    type(
        "one two  \x17"
        "x\n");
    EXPECT_EQ(readable(), "one x\n");
}

TEST_F(TtyTest, KillWithoutEchokeShowsItself)
{
    local_mode(lflag_echoke, false);
    type("gone\x15kept\n");
    EXPECT_EQ(readable(), "kept\n");
    EXPECT_EQ(screen(), "gone^U\r\nkept\r\n");
}

TEST_F(TtyTest, LiteralNextTakesAKeyAsItIs)
{
    type("\x16\x03\n");
    EXPECT_EQ(readable(), "\x03\n");
    EXPECT_EQ(screen(), "^\b^C\r\n");
}

TEST_F(TtyTest, EndOfFileEndsALineAndShowsNothing)
{
    type("ab\x04");
    EXPECT_EQ(readable(), std::string("ab\0", 3));
    EXPECT_EQ(screen(), "ab");
}

TEST_F(TtyTest, InterruptThrowsTheLineAway)
{
    type("half");
    type("lost\x03");
    type("whole\n");
    EXPECT_EQ(readable(), "whole\n");
    EXPECT_EQ(screen(), "half^Cwhole\r\n");
}

TEST_F(TtyTest, InterruptKeepsTheLineUnderNoflsh)
{
    local_mode(lflag_noflsh, true);
    type("half\x03");
    type("whole\n");
    EXPECT_EQ(readable(), "halfwhole\n");
}

TEST_F(TtyTest, ReprintShowsTheLineAgain)
{
    type(
        "ab\x12"
        "c\n");
    EXPECT_EQ(screen(), "ab^R\r\nabc\r\n");
    EXPECT_EQ(readable(), "abc\n");
}

TEST_F(TtyTest, WithoutEchoNothingIsShownButNewlinesUnderEchonl)
{
    local_mode(lflag_echo, false);
    type("secret\n");
    EXPECT_EQ(screen(), "");
    local_mode(lflag_echonl, true);
    type("secret\n");
    EXPECT_EQ(screen(), "\r\n");
}

TEST_F(TtyTest, RawInputIsReadableAtOnceAndUnchanged)
{
    m_.edit(tty_).iflag = 0;
    local_mode(lflag_icanon | lflag_echo | lflag_isig | lflag_iexten, false);
    type("a\x03\r\x7f");
    EXPECT_EQ(readable(), "a\x03\r\x7f");
    EXPECT_EQ(screen(), "");
}

TEST_F(TtyTest, StopHoldsAndStartReleases)
{
    type("\x13");
    EXPECT_TRUE(m_[tty_].flags & tty_stopped);
    type("\x11");
    EXPECT_FALSE(m_[tty_].flags & tty_stopped);
    EXPECT_EQ(readable(), "");
}

TEST_F(TtyTest, CarriageReturnModes)
{
    m_.edit(tty_).iflag |= iflag_igncr;
    type("a\rb\n");
    EXPECT_EQ(readable(), "ab\n");
    m_.edit(tty_).iflag = iflag_inlcr;
    type("c\n");
    EXPECT_EQ(readable(), "ab\n") << "the line goes on: \\n became \\r";
}

TEST_F(TtyTest, OutputModes)
{
    EXPECT_EQ(process_output(m_.edit(tty_), "a\nb"), "a\r\nb");
    m_.edit(tty_).oflag = oflag_opost | oflag_xtabs;
    m_.edit(tty_).column = 0;
    EXPECT_EQ(process_output(m_.edit(tty_), "ab\tc"), "ab      c");
    m_.edit(tty_).oflag = 0;
    EXPECT_EQ(process_output(m_.edit(tty_), "a\n"), "a\n");
}

TEST_F(TtyTest, ALineLongerThanTheRingIsCutAndCanEnd)
{
    type(std::string(5000, 'x'));
    type("\n");
    EXPECT_EQ(readable().size(), tty_ring);
    EXPECT_EQ(readable().back(), '\n');
}

TEST_F(TtyTest, HungUpTakesNothingMore)
{
    tty_hangup(m_, tty_);
    type("x\n");
    EXPECT_EQ(readable(), "");
}

}  // namespace
}  // namespace norn
