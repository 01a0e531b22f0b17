// What a run was made of besides its program: the choices and what came from outside. The same choices
// and the same arrivals make the same run, on any host.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "norn/decider.h"
#include "norn/host.h"

namespace norn {

/// A choice as it was answered. `retired`: guest instructions up to there.
struct TakenChoice {
    Choice choice;
    uint64_t value = 0;
    uint64_t retired = 0;
};

/// At which kind of boundary something reached the machine.
enum class Moment : uint8_t {
    idle,     ///< all tasks slept and waited for the outside
    retired,  ///< after a number of instructions
    time,     ///< when virtual time had caught up with the wall clock
};

/// What reached the machine, and where. A machine that waits is told the time as well, which may be
/// all there is.
struct TakenArrival {
    Moment moment = Moment::idle;
    uint64_t retired = 0;   ///< at the boundary
    uint64_t limit_ns = 0;  ///< Moment::time: up to when it ran
    uint64_t now_ns = 0;    ///< its clock from here on
    std::optional<Arrival> arrival;
};

/// Output that the outside did not take: which of all writes it was, and why.
struct Refusal {
    uint64_t write = 0;
    Errno error = Errno::none;
};

struct Recording {
    std::vector<TakenChoice> choices;
    std::vector<TakenArrival> arrivals;
    std::vector<Refusal> refusals;  ///< in the order of writes
};

/// Lets another decider decide and writes down what it said.
class RecordingDecider : public Decider {
  public:
    RecordingDecider(Decider& inner, std::vector<TakenChoice>& log) : inner_(inner), log_(log) {}
    uint64_t choose(const Machine& machine, const Choice& choice) override;

  private:
    Decider& inner_;
    std::vector<TakenChoice>& log_;
};

/// Gives the recorded answers. Each question must be the one that was recorded; the first that is not
/// is remembered, and from there on every answer is 0 (the run is to be given up).
class ReplayDecider : public Decider {
  public:
    ReplayDecider(const std::vector<TakenChoice>& log, std::size_t from) : log_(log), next_(from) {}
    uint64_t choose(const Machine& machine, const Choice& choice) override;

    /// Where the run left the recording, in words; empty while it has not.
    [[nodiscard]] const std::string& mismatch() const { return mismatch_; }
    [[nodiscard]] std::size_t taken() const { return next_; }

  private:
    const std::vector<TakenChoice>& log_;
    std::size_t next_;
    std::string mismatch_;
};

}  // namespace norn
