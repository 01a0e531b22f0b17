// A run: one program and all its descendants on a new machine, from start to end. A run is a value:
// what it was asked to be (RunSpec) and what it was made of (Recording, the answers of its root) make
// it again, exactly.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "norn/boot.h"
#include "norn/expected.h"
#include "norn/machine.h"
#include "norn/record.h"

namespace norn {

namespace x86 {
class Engine;
}
enum class StopReason : uint8_t;
struct RunLimits;

/// Norn's semantics. A recording of another revision could go another way, so it is refused.
inline constexpr uint32_t semantics_revision = 4;
/// The processor that guests see; part of every recording.
inline constexpr std::string_view processor_level = "x86-64-v2";

enum class Scheduler : uint8_t { fair, random_walk };
enum class TimeMode : uint8_t { virtual_time, real };

/// How often something goes wrong that Linux allows to go wrong, in parts of a million.
struct FaultRates {
    uint32_t fork = 0;      ///< clone fails with EAGAIN or ENOMEM
    uint32_t short_io = 0;  ///< a read or write does less than asked
    [[nodiscard]] bool any() const { return fork != 0 || short_io != 0; }
    friend bool operator==(const FaultRates&, const FaultRates&) = default;
};

/// Reads "fork", "fork=5%", "fork=0.05,short-io=1%". A kind without a rate means 10%.
[[nodiscard]] Expected<FaultRates> parse_faults(std::string_view text);

/// What a run was asked to be. `program.path` empty: argv[0] is looked for along PATH.
struct RunSpec {
    ProgramSpec program;
    BootSpec boot;
    MachineLimits limits;
    std::string root = "/";  ///< folder on the host
    Scheduler scheduler = Scheduler::fair;
    TimeMode time = TimeMode::virtual_time;
    FaultRates faults;
    uint64_t timeout_ns = never;  ///< virtual, from the start
    bool stop_on_unsupported = false;
};

enum class Ending : uint8_t {
    none,         ///< still on its way
    exited,       ///< PROGRAM ended
    timed_out,    ///< `timeout_ns` passed
    deadlock,     ///< nothing can wake any task
    unsupported,  ///< met what Norn does not have, and was asked to stop there
    given_up,     ///< ended from outside
    host_memory,  ///< the host had no memory left for the machine
    diverged,     ///< a replay left its recording
};

/// How far a run is, or how it ended.
struct RunResult {
    Ending ending = Ending::none;
    uint32_t status = 0;  ///< of PROGRAM, as wait4 gives it; counts when it ended
    bool program_ended = false;
    uint32_t left_over = 0;  ///< processes that were still alive
    uint64_t retired = 0;
    uint64_t now_ns = 0;
    Hash hash;
};

/// The outside of a live run: output, what arrives, the wall clock.
class Outside : public Host {
  public:
    /// What has arrived, waiting for it up to `wait_ns` of wall time (`never`: as long as it takes).
    /// Standard input is read only if `input_wanted`. Nothing: the time is over, or nothing can come.
    virtual std::optional<Arrival> arrival(bool input_wanted, uint64_t wait_ns) = 0;
    /// Some task waits for keys of the terminal, while standard input is something else: from here on they
    /// arrive, as `typed` input.
    virtual void want_keys() {}
    virtual uint64_t wall_ns() = 0;
    /// The person at the terminal asked Norn itself to end.
    virtual bool asked_to_end() { return false; }
};

/// The outside of a run that is repeated, or that has none: output goes nowhere unless a subclass
/// takes it, and nothing arrives.
class NoOutside : public Outside {
  public:
    Result<void> write(int /*stream*/, std::span<const uint8_t> /*bytes*/) override { return {}; }
    std::optional<Arrival> arrival(bool /*input_wanted*/, uint64_t /*wait_ns*/) override { return {}; }
    uint64_t wall_ns() override { return 0; }
};

/// How far to go; by default to the end.
struct Until {
    uint64_t now_ns = never;
    uint64_t retired = never;
    bool first_choice = false;  ///< stop at the first moment at which two tasks could run
};

class Run {
  public:
    /// A new machine with the program at its first instruction.
    [[nodiscard]] static Expected<Run> start(RunSpec spec, std::shared_ptr<RootView> root);
    /// The same, to be driven by a recording.
    [[nodiscard]] static Expected<Run> repeat(RunSpec spec, std::shared_ptr<RootView> root,
                                              std::shared_ptr<const Recording> script);

    /// A snapshot: both go on independently.
    Run(const Run& other);
    Run(Run&&) noexcept;
    Run& operator=(Run other) noexcept;
    ~Run();

    /// Goes on until `until` or the end. What it returns is a boundary.
    Ending go(const Until& until, Outside& outside, Events* events = nullptr);

    /// From here on other choices are made: a snapshot that is given another seed has another future.
    void branch(uint64_t seed, Scheduler scheduler);
    /// Seed of the choices that are made from here on.
    [[nodiscard]] uint64_t choice_seed() const { return seed_; }
    /// Uses what `other` has translated. Both must stay on one thread from here on.
    void share_engine(Run& other);

    [[nodiscard]] const RunSpec& spec() const { return spec_; }
    [[nodiscard]] const Recording& recording() const { return recording_; }
    [[nodiscard]] const Machine& machine() const { return machine_; }
    [[nodiscard]] Machine& machine() { return machine_; }
    [[nodiscard]] Ending ending() const { return ending_; }
    /// The machine's clock at the program's first instruction; Until::now_ns counts on the same clock.
    [[nodiscard]] uint64_t start_ns() const { return start_ns_; }
    [[nodiscard]] RunResult result() const;
    /// Where a replay left its recording, in words.
    [[nodiscard]] const std::string& mismatch() const { return mismatch_; }

  private:
    class Output;

    Run(RunSpec spec, Machine machine);
    bool go_live(const Until& until, Outside& outside, Events* events);
    bool go_scripted(const Until& until, Outside& outside, Events* events);
    StopReason run_live(const RunLimits& limits, Outside& outside, Events* events);
    bool end_by(StopReason reason);
    bool diverge(std::string where);
    bool wait_idle(Outside& outside);
    void follow_outside(Outside& outside, Moment moment, uint64_t limit_ns);
    uint64_t real_ns(Outside& outside);
    void take(TakenArrival taken, Outside& outside);
    void make_engine();
    [[nodiscard]] StreamKind input_kind() const;
    [[nodiscard]] uint64_t timeout_at() const;

    RunSpec spec_;
    uint64_t seed_ = 0;      ///< of the choices from here on
    uint64_t start_ns_ = 0;  ///< the machine's clock at the program's first instruction
    Machine machine_;
    Recording recording_;
    std::shared_ptr<const Recording> script_;       ///< replay: what drives it
    std::optional<ChoiceLog::Cursor> next_choice_;  ///< replay: of `script_`
    std::size_t next_arrival_ = 0;
    uint64_t writes_ = 0;  ///< pieces of output so far
    Ending ending_ = Ending::none;
    std::string mismatch_;
    bool clock_set_ = false;  ///< --time real: machine's clock and the wall's when the run began
    uint64_t clock_ns_ = 0, wall_ns_ = 0;
    std::shared_ptr<x86::Engine> engine_;  ///< made when first needed; a cache, not copied
};

/// Exit status of the command for a run that ended so: PROGRAM's, 128+n, 124 or 125.
[[nodiscard]] int exit_status(const RunResult& result);

}  // namespace norn
