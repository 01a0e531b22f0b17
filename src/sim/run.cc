// Driving a run: live, with the outside at hand, or along a recording.
//
// Whatever reaches a machine reaches it at a boundary of `run`, and the boundary is written down, so a
// replay can stop at the same one:
//   R1  idle: all tasks slept and the outside could wake one. A replay comes there by itself.
//   R2  retired: after so many instructions.
//   R3  time: virtual time had run up to a limit that follows the wall clock.
#include "norn/run.h"

#include <fmt/format.h>

#include <algorithm>

#include "fs/abi.h"
#include "fs/outside.h"
#include "kernel/run.h"
#include "kernel/timer.h"
#include "sim/decider.h"
#include "sim/program.h"
#include "x86/engine.h"

namespace norn {

namespace {
/// Instructions between two looks at the outside: about a millisecond.
constexpr uint64_t look_interval = 2'000'000;
/// How far virtual time may run ahead of the wall clock under --time real.
constexpr uint64_t real_time_step_ns = 1'000'000;

std::string_view environment_value(const std::vector<std::string>& envp, std::string_view name)
{
    for (const std::string& entry : envp)
        if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name))
            return std::string_view(entry).substr(name.size() + 1);
    return {};
}

std::string absolute(const std::string& cwd, const std::string& path)
{
    return path.starts_with('/') ? path : cwd + "/" + path;
}

Failure explain_start(RootView& root, const ProgramSpec& program, const std::string& path, Errno error)
{
    const Result<std::string> cwd = follow(root, program.cwd);
    const Result<HostStat> stat = cwd.ok() ? root.stat(*cwd) : Result<HostStat>(cwd.error());
    const bool folder = stat.ok() && type_of(stat->mode) == s_ifdir;
    if (!folder)
        return {fmt::format("cannot use {} as working directory: {}; -w names another", program.cwd,
                            errno_text(stat.ok() ? ENOTDIR : stat.error())),
                125};
    return explain_exec(root, absolute(program.cwd, path), error);
}

/// The machine with its program loaded. Each try starts from the booted machine, so that a run does not
/// depend on how its program was found. What the start draws (AT_RANDOM) follows from the seed alone.
Result<Machine> loaded(Machine booted, const RunSpec& spec, const std::string& path)
{
    SeededDecider decider(spec.boot.seed);
    ProgramSpec program = spec.program;
    program.path = path;
    booted.decider = &decider;
    const Result<TaskId> task = spawn_program(booted, program);
    booted.decider = nullptr;
    if (!task.ok()) return task.error();
    return booted;
}

/// As execvp(3): the first that is there and may be run.
Expected<Machine> load_program(const Machine& booted, RunSpec& spec)
{
    ProgramSpec& program = spec.program;
    const bool searched = program.path.empty();
    const std::string name = searched ? program.argv.at(0) : program.path;
    const auto paths = searched ? search_paths(name, environment_value(program.envp, "PATH"))
                                : std::vector<std::string>{name};
    Errno error = ENOENT;
    std::string refused;
    for (const std::string& path : paths) {
        Result<Machine> m = loaded(booted, spec, path);
        if (m.ok()) {
            program.path = path;
            return *std::move(m);
        }
        const bool there = follow(*booted.root, absolute(program.cwd, path)).ok();
        if (!there && paths.size() > 1) continue;
        error = m.error();
        refused = path;
        if (error != EACCES) break;
    }
    if (refused.empty())
        return Failure{fmt::format("cannot run {}: not found along PATH", shortened(name)), 127};
    return explain_start(*booted.root, program, refused, error);
}
}  // namespace

Expected<Run> Run::start(RunSpec spec, std::shared_ptr<RootView> root)
{
    Machine booted(spec.limits);
    booted.root = std::move(root);
    SeededDecider decider(spec.boot.seed);
    booted.decider = &decider;
    boot(booted, spec.boot);
    booted.decider = nullptr;
    auto m = load_program(booted, spec);
    if (!m.ok()) return m.failure();
    return Run(std::move(spec), *std::move(m));
}

Expected<Run> Run::repeat(RunSpec spec, std::shared_ptr<RootView> root,
                          std::shared_ptr<const Recording> script)
{
    Expected<Run> run = start(std::move(spec), std::move(root));
    if (run.ok()) {
        run->next_choice_.emplace(script->choices);
        run->script_ = std::move(script);
    }
    return run;
}

Run::Run(RunSpec spec, Machine machine)
    : spec_(std::move(spec)),
      seed_(spec_.boot.seed),
      start_ns_(machine.state.now_ns),
      machine_(std::move(machine))
{
}

Run::Run(const Run& other)
    : spec_(other.spec_),
      seed_(other.seed_),
      start_ns_(other.start_ns_),
      machine_(other.machine_),
      recording_(other.recording_),
      script_(other.script_),
      next_choice_(other.next_choice_),
      next_arrival_(other.next_arrival_),
      writes_(other.writes_),
      ending_(other.ending_),
      mismatch_(other.mismatch_),
      clock_set_(other.clock_set_),
      clock_ns_(other.clock_ns_),
      wall_ns_(other.wall_ns_)
{
}
Run::Run(Run&&) noexcept = default;
Run::~Run() = default;

Run& Run::operator=(Run other) noexcept
{
    std::swap(spec_, other.spec_);
    std::swap(seed_, other.seed_);
    std::swap(start_ns_, other.start_ns_);
    std::swap(machine_, other.machine_);
    std::swap(recording_, other.recording_);
    std::swap(script_, other.script_);
    std::swap(next_choice_, other.next_choice_);
    std::swap(next_arrival_, other.next_arrival_);
    std::swap(writes_, other.writes_);
    std::swap(ending_, other.ending_);
    std::swap(mismatch_, other.mismatch_);
    std::swap(clock_set_, other.clock_set_);
    std::swap(clock_ns_, other.clock_ns_);
    std::swap(wall_ns_, other.wall_ns_);
    std::swap(engine_, other.engine_);
    return *this;
}

void Run::branch(uint64_t seed, Scheduler scheduler)
{
    seed_ = seed;
    spec_.scheduler = scheduler;
}

void Run::make_engine()
{
    if (!engine_) engine_ = std::make_shared<x86::Engine>();
}

void Run::share_engine(Run& other)
{
    other.make_engine();
    engine_ = other.engine_;
}

Ending Run::go(const Until& until, Outside& outside, Events* events)
{
    make_engine();
    while (ending_ == Ending::none) {
        if (machine_.state.now_ns >= until.now_ns || machine_.state.retired >= until.retired) break;
        const bool on = script_ ? go_scripted(until, outside, events) : go_live(until, outside, events);
        if (!on) break;
    }
    return ending_;
}

/// Ends the run if `reason` is an end. False for the reasons that are the driver's to deal with.
bool Run::end_by(StopReason reason)
{
    switch (reason) {
        case StopReason::program_ended:
            ending_ = Ending::exited;
            return true;
        case StopReason::deadlock:
            ending_ = Ending::deadlock;
            return true;
        case StopReason::host_memory:
            ending_ = Ending::host_memory;
            return true;
        case StopReason::unsupported:
            ending_ = Ending::unsupported;
            return true;
        case StopReason::time_limit:
            if (machine_.state.now_ns < timeout_at()) return false;
            ending_ = Ending::timed_out;
            return true;
        case StopReason::wants_input:
        case StopReason::retired_limit:
        case StopReason::choice:
            return false;
    }
    return false;
}

namespace {
/// Processes with a program that have not ended.
uint32_t living_processes(const Machine& m)
{
    uint32_t count = 0;
    m.pool<Task>().each([&](TaskId id, const Task& task) {
        const bool alive = task.state != TaskState::zombie && task.state != TaskState::dead;
        if (alive && task.group_leader == id && !(task.flags & task_kernel_init)) ++count;
    });
    return count;
}

/// What a run of this kind is asked: a fault that cannot come is no choice.
ChoiceSet open_choices(const RunSpec& spec)
{
    ChoiceSet open = all_choices & ~choice_bit(ChoiceKind::pid);
    if (spec.scheduler == Scheduler::fair) open &= ~choice_bit(ChoiceKind::calls);
    if (spec.faults.fork == 0) open &= ~choice_bit(ChoiceKind::clone_fault);
    if (spec.faults.short_io == 0) open &= ~choice_bit(ChoiceKind::short_io);
    return open;
}

RunLimits limits_for(const RunSpec& spec, const Until& until, uint64_t timeout_at)
{
    RunLimits limits;
    limits.until_ns = std::min(until.now_ns, timeout_at);
    limits.until_retired = until.retired;
    limits.open_choices = open_choices(spec);
    limits.stop_at_first_choice = until.first_choice;
    limits.stop_on_unsupported = spec.stop_on_unsupported;
    return limits;
}

/// The machine's clock goes on while all of it sleeps.
void idle_until(Machine& m, uint64_t now_ns)
{
    m.state.now_ns = std::max(m.state.now_ns, now_ns);
}

Moment moment_of(StopReason reason)
{
    if (reason == StopReason::wants_input) return Moment::idle;
    return reason == StopReason::time_limit ? Moment::time : Moment::retired;
}
}  // namespace

/// The outside as the machine sees it: what it refuses is written down, and is refused in a replay as it
/// was then, whoever reads now.
class Run::Output final : public Host {
  public:
    Output(Run& run, Outside& outside) : run_(run), outside_(outside) {}
    Result<void> write(int stream, std::span<const uint8_t> bytes) override
    {
        const uint64_t number = run_.writes_++;
        if (run_.script_) return repeat(number, stream, bytes);
        const Result<void> sent = outside_.write(stream, bytes);
        if (!sent.ok()) run_.recording_.refusals.push_back({number, sent.error()});
        return sent;
    }

    void suspend() override
    {
        if (!run_.script_) outside_.suspend();
    }

  private:
    Result<void> repeat(uint64_t number, int stream, std::span<const uint8_t> bytes)
    {
        const auto& refusals = run_.script_->refusals;
        const auto before = [](const Refusal& refusal, uint64_t write) { return refusal.write < write; };
        const auto found = std::lower_bound(refusals.begin(), refusals.end(), number, before);
        if (found != refusals.end() && found->write == number) return found->error;
        (void)outside_.write(stream, bytes);
        return {};
    }

    Run& run_;
    Outside& outside_;
};

void Run::take(TakenArrival taken, Outside& outside)
{
    idle_until(machine_, taken.now_ns);
    Output output(*this, outside);
    if (taken.arrival) arrive(machine_, *taken.arrival, output);
    if (!script_) recording_.arrivals.push_back(std::move(taken));
}

StopReason Run::run_live(const RunLimits& limits, Outside& outside, Events* events)
{
    SeededDecider fair(seed_);
    RandomWalk walk(seed_);
    Decider& scheduler = spec_.scheduler == Scheduler::fair ? static_cast<Decider&>(fair) : walk;
    FaultDecider faults(scheduler, seed_, spec_.faults);
    RecordingDecider recorder(faults, recording_.choices);
    Output output(*this, outside);
    return run(machine_, *engine_, recorder, output, events, limits);
}

bool Run::go_live(const Until& until, Outside& outside, Events* events)
{
    RunLimits limits = limits_for(spec_, until, timeout_at());
    limits.until_retired = std::min(limits.until_retired, machine_.state.retired + look_interval);
    if (spec_.time == TimeMode::real)
        limits.until_ns = std::min(limits.until_ns, real_ns(outside) + real_time_step_ns);

    const StopReason reason = run_live(limits, outside, events);
    if (end_by(reason)) return false;
    if (outside.asked_to_end()) {
        ending_ = Ending::given_up;
        return false;
    }
    if (reason == StopReason::choice) return false;
    if (reason == StopReason::wants_input) return wait_idle(outside);
    follow_outside(outside, moment_of(reason), limits.until_ns);
    return true;
}

/// What the machine's clock would be if it had followed the wall clock from the start.
uint64_t Run::real_ns(Outside& outside)
{
    const uint64_t wall = outside.wall_ns();
    if (!clock_set_) {
        clock_set_ = true;
        clock_ns_ = machine_.state.now_ns;
        wall_ns_ = wall;
    }
    return clock_ns_ + (wall - wall_ns_);
}

/// At a boundary of a machine that is busy: takes what has arrived, keeps step with the wall clock.
void Run::follow_outside(Outside& outside, Moment moment, uint64_t limit_ns)
{
    const MachineState& now = machine_.state;
    uint64_t wait_ns = 0;
    if (spec_.time == TimeMode::real) {
        const uint64_t real = real_ns(outside);
        if (real > now.now_ns + real_time_step_ns) take({moment, now.retired, limit_ns, real, {}}, outside);
        wait_ns = now.now_ns - std::min(now.now_ns, real);
    }
    for (;;) {
        // A file's bytes are there when they are asked for: waiting keeps the run the same every time.
        const bool wanted = outside_wanted(machine_);
        const bool at_once = wanted && input_kind() == StreamKind::file;
        auto arrival = outside.arrival(wanted, at_once ? never : wait_ns);
        if (!arrival) return;
        take({moment, now.retired, limit_ns, now.now_ns, std::move(arrival)}, outside);
        wait_ns = 0;
    }
}

/// All tasks sleep, and the outside could wake one: time passes as it does on the wall. Not while a
/// file is read, nor while there is no deadline that input could race with: then it is the same run
/// every time.
bool Run::wait_idle(Outside& outside)
{
    const uint64_t from_ns = machine_.state.now_ns;
    const uint64_t wake_ns = std::min(next_deadline(machine_), timeout_at());
    const uint64_t wait_ns = wake_ns == never ? never : wake_ns - std::min(wake_ns, from_ns);
    const uint64_t started = outside.wall_ns();
    const bool keys = outside_wants_keys(machine_);
    if (keys) outside.want_keys();
    const bool at_once = input_kind() == StreamKind::file && !keys;
    auto arrival = outside.arrival(!keys || machine_.state.outside_wait.first, at_once ? never : wait_ns);
    if (outside.asked_to_end()) {
        ending_ = Ending::given_up;
    } else if (!arrival && wake_ns == never) {
        ending_ = Ending::deadlock;
    } else {
        const bool timed = spec_.time == TimeMode::real || input_kind() == StreamKind::terminal || keys ||
                           (input_kind() == StreamKind::pipe && wake_ns != never);
        const uint64_t passed = timed ? outside.wall_ns() - started : 0;
        const uint64_t now_ns = arrival ? std::min(from_ns + passed, std::max(wake_ns, from_ns)) : wake_ns;
        take({Moment::idle, machine_.state.retired, 0, now_ns, std::move(arrival)}, outside);
    }
    return ending_ == Ending::none;
}

StreamKind Run::input_kind() const
{
    return spec_.boot.streams[0].kind;
}

uint64_t Run::timeout_at() const
{
    return start_ns_ + std::min(spec_.timeout_ns, never - start_ns_);
}

bool Run::diverge(std::string where)
{
    mismatch_ = std::move(where);
    ending_ = Ending::diverged;
    return false;
}

bool Run::go_scripted(const Until& until, Outside& outside, Events* events)
{
    const TakenArrival* next =
        next_arrival_ < script_->arrivals.size() ? &script_->arrivals[next_arrival_] : nullptr;
    RunLimits limits = limits_for(spec_, until, timeout_at());
    if (next && next->moment == Moment::retired)
        limits.until_retired = std::min(limits.until_retired, next->retired);
    if (next && next->moment == Moment::time) limits.until_ns = std::min(limits.until_ns, next->limit_ns);

    ReplayDecider decider(*next_choice_);
    Output output(*this, outside);
    const StopReason reason = run(machine_, *engine_, decider, output, events, limits);
    if (!decider.mismatch().empty()) return diverge(decider.mismatch());
    if (end_by(reason)) return false;
    if (machine_.state.retired >= until.retired || machine_.state.now_ns >= until.now_ns) return false;
    if (!next) {
        if (reason == StopReason::wants_input) ending_ = Ending::given_up;
        return false;
    }
    if (next->moment != moment_of(reason) || next->retired != machine_.state.retired)
        return diverge(fmt::format("something arrived after {} instructions; now there are {}", next->retired,
                                   machine_.state.retired));
    ++next_arrival_;
    take(*next, outside);
    return true;
}

RunResult Run::result() const
{
    RunResult result;
    result.ending = ending_;
    result.status = machine_.state.program_status;
    result.program_ended = machine_.state.program_ended != 0;
    result.left_over = living_processes(machine_);
    result.retired = machine_.state.retired;
    result.now_ns = machine_.state.now_ns;
    result.hash = machine_.hash();
    return result;
}

int exit_status(const RunResult& result)
{
    switch (result.ending) {
        case Ending::timed_out:
            return 124;
        case Ending::exited: {
            const uint32_t signal = result.status & 0x7f;
            return static_cast<int>(signal ? 128 + signal : result.status >> 8 & 0xff);
        }
        default:
            return 125;
    }
}

}  // namespace norn
