#include "measure.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern char** environ;

namespace bench {

namespace {
[[noreturn]] void give_up(const Command& command, const char* why, int status)
{
    std::string line;
    for (const std::string& word : command) line += (line.empty() ? "" : " ") + word;
    std::fprintf(stderr, "bench: %s: %s (%d)\n", line.c_str(), why, status);
    std::exit(1);
}

std::string read_all(int fd)
{
    std::string text;
    std::array<char, 4096> part;
    for (ssize_t n; (n = read(fd, part.data(), part.size())) > 0;)
        text.append(part.data(), static_cast<std::size_t>(n));
    close(fd);
    return text;
}
}  // namespace

double time_command(const Command& command, std::string* output)
{
    std::vector<char*> argv;
    for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    std::array<int, 2> pipe_ends{-1, -1};
    if (output && pipe2(pipe_ends.data(), O_CLOEXEC) != 0) give_up(command, "no pipe", errno);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (output)
        posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], 1);
    else
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);

    const auto start = Clock::now();
    pid_t pid = 0;
    int status = 0;
    const int failed = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
    if (failed) give_up(command, "cannot be run", failed);
    if (output) {
        close(pipe_ends[1]);
        *output = read_all(pipe_ends[0]);
    }
    waitpid(pid, &status, 0);
    const double taken = seconds_since(start);
    posix_spawn_file_actions_destroy(&actions);
    if (status != 0) give_up(command, "ended with this status", status);
    return taken;
}

double median(std::vector<double> values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

double geometric_mean(const std::vector<double>& values)
{
    double logs = 0;
    for (const double value : values) logs += std::log(value);
    return std::exp(logs / static_cast<double>(values.size()));
}

double dependent_add()
{
    constexpr uint64_t count = 100'000'000;
    uint64_t x = 1;
    const auto start = Clock::now();
    for (uint64_t i = 0; i < count / 10; ++i)
        asm volatile(
            "add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0\n"
            "add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0"
            : "+r"(x));
    return seconds_since(start) / static_cast<double>(count);
}

}  // namespace bench
