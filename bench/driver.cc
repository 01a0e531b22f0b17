// The benchmark: the same binaries on the host kernel, under Norn and, for compute, under qemu-x86_64,
// interleaved in one run. Each figure is a median, given as a ratio to the host and in calibrated cycles:
// the time divided by that of a dependent add measured between the same runs.
//
//   bench_driver NORN FOLDER [ROUNDS]    FOLDER: where ops, sleepers, supervisor and kernels/ are
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "inside.h"
#include "measure.h"

namespace bench {
namespace {

/// Medians over the rounds. What one round measured is compared within that round, so that a machine which
/// was slower for a while does not show.
struct Figure {
    double host = 0, norn = 0, qemu = 0;  ///< seconds
    double ratio = 0, host_cycles = 0, cycles = 0;
};

/// What the rounds measured.
struct Rounds {
    std::vector<double> host, norn, qemu, ratio, host_cycles, cycles;

    void add(double host_seconds, double norn_seconds, double cycle)
    {
        host.push_back(host_seconds);
        norn.push_back(norn_seconds);
        ratio.push_back(norn_seconds / host_seconds);
        host_cycles.push_back(host_seconds / cycle);
        cycles.push_back(norn_seconds / cycle);
    }
    [[nodiscard]] Figure medians() const
    {
        return {median(host),  median(norn),        qemu.empty() ? 0 : median(qemu),
                median(ratio), median(host_cycles), median(cycles)};
    }
};

class Bench {
  public:
    Bench(std::string norn, std::string folder, int rounds)
        : norn_(std::move(norn)), folder_(std::move(folder)), rounds_(rounds)
    {
    }
    void kernel_operations();
    void whole_commands();
    void exploration();
    void scale();
    void compute_kernels();
    void goals() const;

  private:
    void operation(const char* name, const char* what, long host_count, long norn_count);
    [[nodiscard]] Command inside(const Command& command) const;

    std::string norn_, folder_;
    int rounds_;
    std::map<std::string, Figure> operations_, kernels_;
    double cold_bash_ = 0;
};

Command Bench::inside(const Command& command) const
{
    Command all = {norn_, "run", "-q", "--"};
    all.insert(all.end(), command.begin(), command.end());
    return all;
}

/// Seconds of one operation: the whole command at two counts, the difference by the difference.
double each(const Command& base, long few, long many)
{
    Command less = base, more = base;
    less.push_back(std::to_string(few));
    more.push_back(std::to_string(many));
    const double short_time = time_command(less);
    return std::max(0.0, time_command(more) - short_time) / static_cast<double>(many - few);
}

void Bench::operation(const char* name, const char* what, long host_count, long norn_count)
{
    Rounds rounds;
    const Command plain = {folder_ + "/bench_ops", name};
    for (int i = 0; i < rounds_; ++i) {
        const double host = each(plain, host_count / 10, host_count), cycle = dependent_add();
        rounds.add(host, each(inside(plain), norn_count / 10, norn_count), cycle);
    }
    const Figure figure = rounds.medians();
    operations_[name] = figure;
    std::printf("%-32s %10.0f %10.0f %8.3f %12.0f %12.0f\n", what, figure.host * 1e9, figure.norn * 1e9,
                figure.ratio, figure.host_cycles, figure.cycles);
    std::fflush(stdout);
}

void Bench::kernel_operations()
{
    std::printf("%-32s %10s %10s %8s %12s %12s\n", "kernel operations", "host ns", "norn ns", "ratio",
                "host cycles", "norn cycles");
    operation("getpid", "system call (getpid)", 1'000'000, 2'000'000);
    operation("fork", "fork + exit + wait, static", 2'000, 20'000);
    operation("fork64", "  the same, 64 MiB touched", 200, 20'000);
    operation("thread", "thread create + join", 10'000, 20'000);
    operation("pipe", "pipe round trip", 50'000, 100'000);
    operation("futex", "futex round trip", 50'000, 100'000);
    operation("signal", "signal to self, with handler", 200'000, 300'000);
    operation("exec", "vfork + exec /bin/true + wait", 500, 1'000);
}

void Bench::whole_commands()
{
    const Command bash = {"bash", "-c", ":"};
    std::vector<double> host, cold, warm, rate;
    for (int i = 0; i < rounds_; ++i) {
        host.push_back(time_command(bash));
        cold.push_back(time_command(inside(bash)));
        const Translation made = measure_translation("bash -c :");
        warm.push_back(made.warm);
        rate.push_back(made.per_second());
    }
    cold_bash_ = median(cold);
    std::printf("\n%-32s %10s %10s %8s\n", "dynamic bash -c :", "host ms", "norn ms", "ratio");
    std::printf("%-32s %10.2f %10.2f %8.2f\n", "cold: a machine and all anew", median(host) * 1e3,
                cold_bash_ * 1e3, cold_bash_ / median(host));
    std::printf("%-32s %10.2f %10.2f %8.2f\n", "warm: again in one machine", median(host) * 1e3,
                median(warm) * 1e3, median(warm) / median(host));
    std::printf("translation: %.2f million instructions a second\n", median(rate) / 1e6);
    std::fflush(stdout);
}

void Bench::exploration()
{
    const std::vector<std::string> mended = {folder_ + "/supervisor", "-f"};
    std::vector<double> copies, starts;
    for (int i = 0; i < rounds_; ++i) {
        copies.push_back(seeds_per_second(mended, 400, false));
        starts.push_back(seeds_per_second(mended, 200, true));
    }
    std::printf(
        "\nexploring examples/supervisor: %.0f seeds a second from copies, %.0f starting over each time\n",
        median(copies), median(starts));
    std::fflush(stdout);
}

void Bench::scale()
{
    std::printf("\n%-32s %10s %10s %10s %10s %10s %10s %12s\n", "sleeping tasks (cycles each)", "create",
                "look up", "at random", "wake", "exit", "copy all", "bytes each");
    for (const uint64_t tasks : {10ull, 1000ull, 100'000ull, 1'000'000ull}) {
        const double cycle = dependent_add();
        const Scale made = measure_scale(folder_ + "/sleepers", tasks);
        std::printf("%-32llu %10.0f %10.0f %10.0f %10.0f %10.0f %10.0f",
                    static_cast<unsigned long long>(tasks), made.create / cycle, made.look_up / cycle,
                    made.at_random / cycle, made.wake / cycle, made.exit / cycle, made.copy / cycle);
        // With few tasks, what a pool takes at once says nothing of one of them.
        if (tasks >= 1000)
            std::printf(" %12.0f\n", made.bytes);
        else
            std::printf(" %12s\n", "-");
        std::fflush(stdout);
    }
}

void Bench::compute_kernels()
{
    std::vector<std::filesystem::path> programs;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/kernels"))
        programs.push_back(entry.path());
    std::sort(programs.begin(), programs.end());
    std::printf("\n%-32s %10s %10s %8s %12s %8s\n", "compute kernels", "host ms", "norn ms", "ratio",
                "norn Mcycles", "qemu");
    for (const auto& program : programs) {
        Rounds rounds;
        for (int i = 0; i < (rounds_ + 1) / 2; ++i) {
            const double host = time_command({program.string()}), cycle = dependent_add();
            rounds.add(host, time_command(inside({program.string()})), cycle);
            rounds.qemu.push_back(time_command({"qemu-x86_64", program.string()}));
        }
        const Figure figure = rounds.medians();
        kernels_[program.filename().string()] = figure;
        std::printf("%-32s %10.1f %10.1f %8.2f %12.1f %8.2f\n", program.filename().c_str(), figure.host * 1e3,
                    figure.norn * 1e3, figure.ratio, figure.cycles / 1e6, figure.qemu / figure.host);
        std::fflush(stdout);
    }
}

void goal(bool holds, const char* format, double value)
{
    std::printf("%-6s ", holds ? "holds" : "FAILS");
    std::printf(format, value);
    std::printf("\n");
}

void Bench::goals() const
{
    const double getpid = operations_.at("getpid").cycles, fork = operations_.at("fork").cycles,
                 touched = operations_.at("fork64").cycles;
    std::vector<double> ratios;
    double worst = 0;
    for (const auto& [name, figure] : kernels_) {
        ratios.push_back(figure.ratio);
        worst = std::max(worst, figure.norn / figure.qemu);
    }
    std::printf("\ngoals\n");
    goal(getpid <= 300, "getpid: at most 300 calibrated cycles (%.0f)", getpid);
    goal(fork <= 20'000, "fork + exit + wait, static: at most 20,000 (%.0f)", fork);
    // Medians of one and the same thing differ by that much between two runs.
    constexpr double noise = 1.1;
    goal(touched <= fork * noise, "  no dearer with 64 MiB touched (%.2f times)", touched / fork);
    goal(cold_bash_ <= 0.5, "bash -c :, cold: at most 0.5 s (%.2f)", cold_bash_);
    if (ratios.empty()) return;
    const double mean = geometric_mean(ratios);
    goal(mean <= 3.0, "compute kernels: geometric mean at most 3.0 (%.2f)", mean);
    goal(worst < 1, "  faster than qemu-x86_64 on each (at worst %.2f of its time)", worst);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv)
{
    if (argc < 3) {
        std::fprintf(stderr, "usage: bench_driver NORN FOLDER [ROUNDS]\n");
        return 2;
    }
    bench::Bench all(argv[1], argv[2], argc > 3 ? std::max(1, std::atoi(argv[3])) : 5);
    std::printf("medians; a calibrated cycle is a dependent add (now %.3f ns)\n\n",
                bench::dependent_add() * 1e9);
    all.kernel_operations();
    all.whole_commands();
    all.exploration();
    all.scale();
    all.compute_kernels();
    all.goals();
    return 0;
}
