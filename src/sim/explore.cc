// Many futures of one machine.
//
//  X1  Every worker has its own engine and its own copy of the machine at the first choice; what copies
//      share is never written. The machine is hashed once before it is copied, so that no two workers
//      compute the hash of a shared chunk.
//  X2  What a seed gives does not depend on which worker ran it nor on the number of workers, and of equal
//      failures the smallest is kept; so the same exploration ends in the same findings.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "norn/explore.h"
#include "sim/oracle/oracle.h"

namespace norn {

namespace {
/// A run that takes this many times the instructions of the first, and some, does not end.
constexpr uint64_t patience_factor = 30, patience_instructions = 100'000'000;
/// A program that has not ended after so much virtual time is one that goes on.
constexpr uint64_t default_timeout_ns = 600'000'000'000;

using Clock = std::chrono::steady_clock;

/// The oracles of one run, as one subscriber.
class Jury final : public Events {
  public:
    Jury(const ExploreOptions& options, bool must_end)
    {
        if (options.check_status) oracles_.push_back(exit_status_oracle(options.expected_status));
        if (options.check_deadlock) oracles_.push_back(deadlock_oracle());
        if (options.check_zombies) oracles_.push_back(zombie_oracle());
        if (must_end) oracles_.push_back(ending_oracle());
    }
    [[nodiscard]] EventSet wanted() const override
    {
        EventSet all = 0;
        for (const auto& oracle : oracles_) all |= oracle->wanted();
        return all;
    }
    void event(const Machine& machine, const Event& event) override
    {
        for (const auto& oracle : oracles_)
            if (oracle->wanted() & event_bit(event.kind)) oracle->event(machine, event);
    }
    struct Verdict {
        std::string rule, cause;
    };
    [[nodiscard]] std::optional<Verdict> verdict(const Run& run) const
    {
        for (const auto& oracle : oracles_)
            if (auto cause = oracle->verdict(run))
                return Verdict{std::string(oracle->rule()), *std::move(cause)};
        return std::nullopt;
    }

  private:
    std::vector<std::unique_ptr<Oracle>> oracles_;
};

class Exploration {
  public:
    Exploration(RunSpec spec, std::shared_ptr<RootView> root, const ExploreOptions& options)
        : spec_(std::move(spec)), root_(std::move(root)), options_(options)
    {
        if (spec_.timeout_ns == never) spec_.timeout_ns = default_timeout_ns;
    }
    Expected<ExploreReport> explore(const ExploreWatcher& watcher);

  private:
    void first_run(const Run& base);
    void work(Run base);
    void one_run(Run& base, uint64_t seed);
    void judge(Run run, const Jury& jury, uint64_t seed);
    [[nodiscard]] ExploreProgress progress();
    [[nodiscard]] ExploreReport report();

    RunSpec spec_;
    std::shared_ptr<RootView> root_;
    ExploreOptions options_;
    Clock::time_point started_ = Clock::now();
    uint64_t patience_ = never;
    bool must_end_ = true;  ///< the first run ended by itself, so others should

    std::atomic<uint64_t> next_{0};
    std::atomic<bool> stop_{false};
    std::mutex lock_;
    std::condition_variable changed_;
    uint64_t done_ = 0, failures_ = 0;
    unsigned working_ = 0;
    std::map<std::string, Finding> findings_;  ///< by rule and cause
};

/// The order of findings and of the runs that show one.
bool smaller(const Run& a, uint64_t a_seed, const Run& b, uint64_t b_seed)
{
    const auto size = [](const Run& run) { return run.recording().choices.size(); };
    return size(a) != size(b) ? size(a) < size(b) : a_seed < b_seed;
}

void Exploration::judge(Run run, const Jury& jury, uint64_t seed)
{
    // What the host could not hold says nothing about the program.
    if (run.ending() == Ending::host_memory) return;
    auto verdict = jury.verdict(run);
    const std::lock_guard guard(lock_);
    ++done_;
    if (!verdict) return;
    ++failures_;
    const std::string key = verdict->rule + ": " + verdict->cause;
    const auto at = findings_.find(key);
    if (at == findings_.end()) {
        findings_.emplace(key, Finding{verdict->rule, verdict->cause, seed, 1, std::move(run)});
        return;
    }
    Finding& finding = at->second;
    ++finding.count;
    if (!smaller(run, seed, finding.run, finding.seed)) return;
    finding.seed = seed;
    finding.run = std::move(run);
}

/// The fair schedule: what is normal for this program.
void Exploration::first_run(const Run& base)
{
    Run run = base;
    Jury jury(options_, true);
    NoOutside nothing;
    run.go({}, nothing, &jury);
    must_end_ = run.ending() != Ending::timed_out;
    patience_ = run.machine().state.retired * patience_factor + patience_instructions;
    if (must_end_) return judge(std::move(run), jury, 0);
    const std::lock_guard guard(lock_);
    ++done_;
}

void Exploration::one_run(Run& base, uint64_t seed)
{
    NoOutside nothing;
    Jury jury(options_, must_end_);
    Run run = base;
    if (options_.from_start) {
        auto fresh = Run::start(spec_, root_);
        if (!fresh.ok()) return;
        fresh->share_engine(base);
        fresh->go(Until{.first_choice = true}, nothing, &jury);
        run = *std::move(fresh);
    }
    run.share_engine(base);
    run.branch(seed, Scheduler::random_walk);
    run.go(Until{.retired = patience_}, nothing, &jury);
    judge(std::move(run), jury, seed);
}

void Exploration::work(Run base)
{
    while (!stop_.load()) {
        const uint64_t n = next_.fetch_add(1);
        if (n + 1 >= options_.runs) break;  // the fair one counts
        one_run(base, options_.first_seed + n);
    }
    const std::lock_guard guard(lock_);
    --working_;
    changed_.notify_all();
}

ExploreProgress Exploration::progress()
{
    const std::lock_guard guard(lock_);
    return {done_, options_.runs, failures_, std::chrono::duration<double>(Clock::now() - started_).count()};
}

ExploreReport Exploration::report()
{
    ExploreReport made;
    made.progress = progress();
    for (auto& [key, finding] : findings_) made.findings.push_back(std::move(finding));
    std::sort(made.findings.begin(), made.findings.end(),
              [](const Finding& a, const Finding& b) { return smaller(a.run, a.seed, b.run, b.seed); });
    return made;
}

Expected<ExploreReport> Exploration::explore(const ExploreWatcher& watcher)
{
    auto base = Run::start(spec_, root_);
    if (!base.ok()) return base.failure();
    NoOutside nothing;
    base->go(Until{.first_choice = true}, nothing);
    (void)base->machine().hash();
    const bool over = base->ending() != Ending::none;
    first_run(*base);
    if (over) {
        ExploreReport made = report();
        made.one_schedule = true;
        return made;
    }

    const unsigned workers = std::max(1u, options_.workers);
    working_ = workers;
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < workers; ++i)
        threads.emplace_back([this, copy = std::make_shared<Run>(*base)] { work(std::move(*copy)); });
    for (bool going = true; going;) {
        {
            std::unique_lock guard(lock_);
            changed_.wait_for(guard, std::chrono::milliseconds(200), [this] { return working_ == 0; });
            going = working_ != 0;
        }
        if (watcher && !watcher(progress())) stop_ = true;
    }
    for (std::thread& thread : threads) thread.join();
    return report();
}
}  // namespace

Expected<ExploreReport> explore(const RunSpec& spec, std::shared_ptr<RootView> root,
                                const ExploreOptions& options, const ExploreWatcher& watcher)
{
    Exploration exploration(spec, std::move(root), options);
    return exploration.explore(watcher);
}

}  // namespace norn
