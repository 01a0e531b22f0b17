// Times commands on the host kernel, under Norn and under qemu-x86_64, interleaved in one run, and
// prints each figure as a ratio to the host and in calibrated cycles (the time divided by that of a
// dependent add measured between the same runs).
//
//   bench_driver NORN OPS KERNELS_DIR [ROUNDS]
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

extern char** environ;

namespace {

using Command = std::vector<std::string>;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Wall time of a command; exits when it cannot be run or fails, since its figure would mean nothing.
double time_command(const Command& command)
{
    std::vector<char*> argv;
    for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    const auto start = Clock::now();
    pid_t pid = 0;
    int status = 0;
    if (posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ) != 0) {
        std::fprintf(stderr, "bench: cannot run %s\n", argv[0]);
        std::exit(1);
    }
    waitpid(pid, &status, 0);
    const double taken = seconds_since(start);
    posix_spawn_file_actions_destroy(&actions);
    if (status != 0) {
        std::fprintf(stderr, "bench: %s … ended with status %d\n", argv[0], status);
        std::exit(1);
    }
    return taken;
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// Seconds of one dependent add.
double dependent_add()
{
    constexpr uint64_t count = 100'000'000;
    uint64_t x = 1;
    const auto start = Clock::now();
    for (uint64_t i = 0; i < count / 10; ++i)
        asm volatile("add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0\n"
                     "add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0\n add $1, %0"
                     : "+r"(x));
    return seconds_since(start) / static_cast<double>(count);
}

struct Bench {
    std::string norn, ops;
    int rounds = 5;

    [[nodiscard]] Command inside(const Command& command) const
    {
        Command all = {norn, "run", "-q", "--"};
        all.insert(all.end(), command.begin(), command.end());
        return all;
    }

    /// Seconds of one operation: the whole command at two counts, the difference by the difference.
    [[nodiscard]] double each(const Command& base, long few, long many) const
    {
        Command a = base, b = base;
        a.push_back(std::to_string(few));
        b.push_back(std::to_string(many));
        const double short_time = time_command(a);
        return std::max(0.0, time_command(b) - short_time) / static_cast<double>(many - few);
    }

    void operation(const char* name, long native_count, long norn_count) const
    {
        std::vector<double> native, norn_times, adds;
        const Command plain = {ops, name};
        for (int i = 0; i < rounds; ++i) {
            adds.push_back(dependent_add());
            native.push_back(each(plain, native_count / 10, native_count));
            norn_times.push_back(each(inside(plain), norn_count / 10, norn_count));
        }
        const double add = median(adds), host = median(native), ours = median(norn_times);
        std::printf("%-22s %10.0f ns %10.0f ns  ratio %6.3f  %10.0f cycles (host %9.0f)\n", name, host * 1e9, ours * 1e9,
                    ours / host, ours / add, host / add);
        std::fflush(stdout);
    }

    void whole(const char* name, const Command& command, bool with_qemu, std::vector<double>* ratios) const
    {
        std::vector<double> native, ours, qemu;
        Command under_qemu = {"qemu-x86_64"};
        under_qemu.insert(under_qemu.end(), command.begin(), command.end());
        for (int i = 0; i < rounds; ++i) {
            native.push_back(time_command(command));
            ours.push_back(time_command(inside(command)));
            if (with_qemu) qemu.push_back(time_command(under_qemu));
        }
        const double ratio = median(ours) / median(native);
        std::printf("%-22s %10.3f s  %10.3f s   ratio %6.2f", name, median(native), median(ours), ratio);
        if (with_qemu) std::printf("  qemu %6.2f%s", median(qemu) / median(native), median(qemu) < median(ours) ? "  SLOWER THAN QEMU" : "");
        std::printf("\n");
        std::fflush(stdout);
        if (ratios) ratios->push_back(ratio);
    }
};

}  // namespace

int main(int argc, char** argv)
{
    if (argc < 4) {
        std::fprintf(stderr, "usage: bench_driver NORN OPS KERNELS_DIR [ROUNDS]\n");
        return 2;
    }
    Bench bench{argv[1], argv[2], argc > 4 ? std::atoi(argv[4]) : 5};
    std::printf("operation                    host          norn\n");
    bench.operation("getpid", 2'000'000, 2'000'000);
    bench.operation("fork", 5'000, 20'000);
    bench.operation("fork64", 300, 20'000);
    bench.operation("thread", 20'000, 20'000);
    bench.operation("pipe", 100'000, 100'000);
    bench.operation("futex", 100'000, 100'000);
    bench.operation("signal", 500'000, 500'000);
    bench.operation("exec", 1'000, 1'000);
    std::printf("whole command\n");
    bench.whole("bash -c :", {"bash", "-c", ":"}, false, nullptr);
    std::printf("compute kernels\n");
    std::vector<std::filesystem::path> kernels;
    for (const auto& entry : std::filesystem::directory_iterator(argv[3])) kernels.push_back(entry.path());
    std::sort(kernels.begin(), kernels.end());
    std::vector<double> ratios;
    for (const auto& kernel : kernels) bench.whole(kernel.filename().c_str(), {kernel.string()}, true, &ratios);
    double logs = 0;
    for (double ratio : ratios) logs += std::log(ratio);
    if (!ratios.empty()) std::printf("geometric mean of %zu: %.2f\n", ratios.size(), std::exp(logs / static_cast<double>(ratios.size())));
    return 0;
}
