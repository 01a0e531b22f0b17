#include "inside.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "kernel/run.h"
#include "measure.h"
#include "norn/explore.h"
#include "norn/root.h"
#include "norn/view.h"

namespace bench {

namespace {
using namespace norn;

template <class T>
T must(Expected<T> made)
{
    if (made.ok()) return *std::move(made);
    std::fprintf(stderr, "bench: %s\n", made.failure().text.c_str());
    std::exit(1);
}

std::shared_ptr<RecordedView> host_files()
{
    auto root = host_root("/");
    if (!root.ok()) std::exit(1);
    return std::make_shared<RecordedView>(*root);
}

RunSpec spec_of(std::vector<std::string> argv)
{
    RunSpec spec;
    spec.program.argv = std::move(argv);
    spec.program.envp = {"PATH=/usr/bin:/bin", "LC_ALL=C"};
    spec.boot.streams[1].kind = spec.boot.streams[2].kind = StreamKind::pipe;
    return spec;
}

/// Always what the fair scheduler would do.
class NoChoice final : public Decider {
    uint64_t choose(const Machine& /*machine*/, const Choice& choice) override
    {
        return choice.options ? 0 : random_for(0, choice);
    }
};

/// Tells when each byte of output came.
template <class OnByte>
class Marks final : public Host {
  public:
    explicit Marks(OnByte on_byte) : on_byte_(std::move(on_byte)) {}
    Result<void> write(int stream, std::span<const uint8_t> bytes) override
    {
        if (stream == 1)
            for (const uint8_t byte : bytes) on_byte_(static_cast<char>(byte));
        return {};
    }

  private:
    OnByte on_byte_;
};

void run_to_end(Machine& m, x86::Engine& engine, Host& host)
{
    NoChoice decider;
    if (run(m, engine, decider, host, nullptr, {}) == StopReason::program_ended &&
        m.state.program_status == 0)
        return;
    std::fprintf(stderr, "bench: a program did not end well inside\n");
    std::exit(1);
}

uint64_t kernel_bytes(const Machine& m)
{
    uint64_t bytes = 0;
#define NORN_ADD_POOL(type, name) bytes += m.pool<type>().host_bytes();
    NORN_POOLS(NORN_ADD_POOL)
#undef NORN_ADD_POOL
    return bytes;
}

double time_of_copy(const Machine& m)
{
    std::vector<double> times;
    for (int i = 0; i < 31; ++i) {
        const auto start = Clock::now();
        const Machine copy = m;
        times.push_back(seconds_since(start));
    }
    return median(times);
}
}  // namespace

Translation measure_translation(const std::string& command)
{
    constexpr int times = 6;
    Machine m =
        must(Run::start(spec_of({"/bin/sh", "-c", "for i in 1 2 3 4 5 6; do " + command + "; echo; done"}),
                        host_files()))
            .machine();
    x86::Engine engine;
    Translation made;
    std::vector<double> taken;
    auto last = Clock::now();
    Marks host([&](char) {
        taken.push_back(seconds_since(last));
        if (taken.size() == 1) made.instructions = engine.stats().guest_instructions;
        last = Clock::now();
    });
    run_to_end(m, engine, host);
    if (taken.size() != times) std::exit(1);
    made.cold = taken.front();
    made.warm = median({taken.begin() + 1, taken.end()});
    return made;
}

double seeds_per_second(const std::vector<std::string>& argv, uint64_t seeds, bool from_start)
{
    RunSpec spec = spec_of(argv);
    spec.limits.cpus = 1;
    const ExploreOptions options{.runs = seeds,
                                 .workers = std::max(1u, std::thread::hardware_concurrency()),
                                 .from_start = from_start};
    const ExploreProgress done = must(explore(spec, host_files(), options, {})).progress;
    return static_cast<double>(done.done) / done.seconds;
}

Scale measure_scale(const std::string& sleepers, uint64_t tasks)
{
    constexpr uint64_t about = 100'000, step = 1'000'000;
    const uint64_t rounds = tasks >= about ? 1 : about / tasks;
    Machine m =
        must(Run::start(spec_of({sleepers, std::to_string(tasks), std::to_string(rounds)}), host_files()))
            .machine();
    x86::Engine engine;
    NoChoice decider;
    Scale made;
    std::array<double, 128> spent{};
    char phase = 0;
    uint64_t round = 0;
    auto last = Clock::now();
    Marks host([&](char letter) {
        // The first of several rounds translates.
        if (round > 1 || rounds == 1) spent.at(static_cast<std::size_t>(phase)) += seconds_since(last);
        if (letter == 'c') ++round;
        phase = letter;
        last = Clock::now();
    });

    uint64_t before = 0;
    for (bool running = true; running;) {
        RunLimits limits;
        if (!made.copy) limits.until_retired = m.state.retired + step;
        running = run(m, engine, decider, host, nullptr, limits) == StopReason::retired_limit;
        if (phase == 'b') before = kernel_bytes(m);
        if (phase != 'r' || made.copy) continue;
        made.bytes = static_cast<double>(kernel_bytes(m) - before) / static_cast<double>(tasks);
        made.copy = time_of_copy(m);
    }
    if (m.state.program_status != 0 || !made.copy) {
        std::fprintf(stderr, "bench: sleepers ended with status %u inside\n", m.state.program_status);
        std::exit(1);
    }
    const double count = static_cast<double>(tasks * (rounds > 1 ? rounds - 1 : 1));
    const auto each = [&](char letter) {
        return std::max(0.0, spent.at(static_cast<std::size_t>(letter)) - spent['s'] / 2) / count;
    };
    made.create = each('c');
    made.look_up = each('l');
    made.at_random = each('a');
    made.wake = each('w');
    made.exit = each('e');
    return made;
}

}  // namespace bench
