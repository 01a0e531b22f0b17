// The process's own streams as a machine's outside. Each test runs in a child whose descriptors 0 to 2
// are what the test is about.
#include "host/streams.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <string>

#include "norn/sleep.h"

namespace norn {
namespace {

constexpr uint64_t second = 1'000'000'000;

/// Runs `body` in a child; its exit status is what `body` returns.
template <class F>
int in_child(F&& body)
{
    const pid_t child = fork();
    if (child == 0) {
        alarm(20);
        _exit(body());
    }
    int status = 0;
    waitpid(child, &status, 0);
    return status;
}

std::string text_of(const Arrival& arrival)
{
    return {arrival.bytes.begin(), arrival.bytes.end()};
}

TEST(Streams, InputIsReadWhenAskedAndNotBefore)
{
    const int status = in_child([] {
        int ends[2];
        if (pipe(ends) != 0 || dup2(ends[0], 0) != 0) return 1;
        StandardStreams streams(true);
        if (streams.setup()[0].kind != StreamKind::pipe) return 2;
        (void)!write(ends[1], "hello", 5);
        if (streams.arrival(false, second / 20)) return 3;
        pollfd unread = {0, POLLIN, 0};
        if (poll(&unread, 1, 0) != 1) return 4;
        const std::optional<Arrival> input = streams.arrival(true, never);
        if (!input || text_of(*input) != "hello") return 5;
        close(ends[1]);
        const std::optional<Arrival> end = streams.arrival(true, never);
        if (!end || end->kind != Arrival::Kind::end_of_input) return 6;
        return streams.arrival(true, never) ? 7 : 0;  // nothing can come any more
    });
    EXPECT_EQ(status, 0) << WEXITSTATUS(status);
}

TEST(Streams, AReaderThatIsGoneIsEpipe)
{
    const int status = in_child([] {
        int ends[2];
        if (pipe(ends) != 0 || dup2(ends[1], 1) != 1) return 1;
        close(ends[0]);
        close(ends[1]);
        StandardStreams streams(true);
        const std::string text = "nobody";
        return streams.write(1, {reinterpret_cast<const uint8_t*>(text.data()), text.size()}).error() == EPIPE
                   ? 0
                   : 2;
    });
    EXPECT_EQ(status, 0) << WEXITSTATUS(status);
}

TEST(Streams, NothingIsLostOnAFullNonBlockingPipe)
{
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        dup2(ends[1], 1);
        StandardStreams streams(true);
        const std::vector<uint8_t> much(1 << 20, 'x');
        _exit(streams.write(1, much).ok() ? 0 : 1);
    }
    close(ends[1]);
    usleep(100'000);
    std::size_t total = 0;
    std::array<char, 65536> buffer;
    for (ssize_t size = 0; (size = read(ends[0], buffer.data(), buffer.size())) > 0;)
        total += static_cast<std::size_t>(size);
    EXPECT_EQ(total, std::size_t{1} << 20);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

TEST(Streams, SignalsArriveAndDoNotKill)
{
    const int status = in_child([] {
        StandardStreams streams(true);
        for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) {
            kill(getpid(), signal);
            const std::optional<Arrival> got = streams.arrival(false, 5 * second);
            if (!got || got->kind != Arrival::Kind::signal || got->signal != signal) return signal;
        }
        return 0;
    });
    EXPECT_EQ(status, 0);
}

TEST(Streams, AFileHasItsOffset)
{
    const int status = in_child([] {
        std::string name = testing::TempDir() + "norn-streams-XXXXXX";
        const int file = mkstemp(name.data());
        unlink(name.c_str());
        (void)!write(file, "0123456789", 10);
        lseek(file, 4, SEEK_SET);
        dup2(file, 0);
        dup2(file, 1);
        StandardStreams streams(true);
        const auto& setup = streams.setup();
        if (setup[0].kind != StreamKind::file || setup[0].offset != 4 || setup[0].size != 10) return 1;
        if (setup[1].same_as != 0) return 2;
        const std::optional<Arrival> input = streams.arrival(true, never);
        if (!input || text_of(*input) != "456789") return 3;
        streams.leave_input_at(6);
        return lseek(0, 0, SEEK_CUR) == 6 ? 0 : 4;
    });
    EXPECT_EQ(status, 0) << WEXITSTATUS(status);
}

/// A child on a new terminal; gives the terminal's other side.
template <class F>
pid_t on_terminal(int& side, F&& body)
{
    winsize size = {33, 99, 0, 0};
    const pid_t child = forkpty(&side, nullptr, nullptr, &size);
    if (child == 0) {
        alarm(20);
        _exit(body());
    }
    return child;
}

bool is_raw(int side)
{
    termios modes = {};
    tcgetattr(side, &modes);
    return (modes.c_lflag & (ICANON | ECHO | ISIG)) == 0;
}

bool becomes_raw(int side)
{
    for (int i = 0; i < 500 && !is_raw(side); ++i) usleep(10'000);
    return is_raw(side);
}

TEST(Streams, ATerminalIsRawForThisLongAndTypedBytesArrive)
{
    int side = -1;
    const pid_t child = on_terminal(side, [] {
        StandardStreams streams(true);
        const StreamSetup& setup = streams.setup()[0];
        if (setup.kind != StreamKind::terminal || setup.rows != 33 || setup.columns != 99) return 1;
        const std::optional<Arrival> input = streams.arrival(false, 10 * second);
        return input && text_of(*input) == "\x03" ? 0 : 2;
    });
    ASSERT_TRUE(becomes_raw(side));
    (void)!write(side, "\x03", 1);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0) << WEXITSTATUS(status);
    EXPECT_FALSE(is_raw(side));
    close(side);
}

TEST(Streams, ADeathLeavesTheTerminalAsItWas)
{
    for (const int signal : {SIGABRT, SIGSEGV}) {
        int side = -1;
        const pid_t child = on_terminal(side, [] {
            StandardStreams streams(true);
            streams.arrival(true, 20 * second);
            return 0;
        });
        ASSERT_TRUE(becomes_raw(side));
        kill(child, signal);
        int status = 0;
        waitpid(child, &status, 0);
        EXPECT_EQ(WTERMSIG(status), signal);
        EXPECT_FALSE(is_raw(side));
        close(side);
    }
}

TEST(Streams, ThreeTimesCtrlBracketEndsEvenAHungMachine)
{
    int side = -1;
    const pid_t child = on_terminal(side, [] {
        StandardStreams streams(true);
        for (;;) sleep(1);
        return 0;
    });
    ASSERT_TRUE(becomes_raw(side));
    (void)!write(side, "\x1d\x1d\x1d", 3);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 125);
    EXPECT_FALSE(is_raw(side));
    close(side);
}

}  // namespace
}  // namespace norn
