// What a run was made of besides its program: the choices and what came from outside. The same choices
// and the same arrivals make the same run, on any host.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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

/// Choices in the order in which they were taken, a few bytes each: what can be told from those before is
/// left out. Copies share what both hold.
class ChoiceLog {
  public:
    class Cursor;

    void push_back(const TakenChoice& taken);
    [[nodiscard]] std::size_t size() const { return size_; }

    /// As files keep it.
    [[nodiscard]] std::string bytes() const;
    /// Nothing if they are not those of a log.
    static std::optional<ChoiceLog> from_bytes(std::string_view bytes);

  private:
    /// What the choices so far let one expect of the next.
    struct Expected {
        struct Asker {
            uint64_t lineage = 0;
            std::array<uint32_t, 2> ordinal{};  ///< of the last choice that was not, or was, about scheduling
        };
        std::array<Asker, 64> askers{};
        uint64_t retired = 0;

        Asker& asker(uint64_t lineage) { return askers[lineage % askers.size()]; }
        void take(const TakenChoice& taken);
    };
    void append(const TakenChoice& taken, std::string_view encoded);

    std::vector<std::shared_ptr<const std::string>> full_;
    std::string last_;
    std::size_t size_ = 0;
    Expected expected_;
};

/// Reads a log, which must outlive it and stay as it is.
class ChoiceLog::Cursor {
  public:
    explicit Cursor(const ChoiceLog& log) : log_(&log) {}
    /// Nothing at the end.
    [[nodiscard]] std::optional<TakenChoice> next();
    /// How many were read.
    [[nodiscard]] std::size_t index() const { return index_; }

  private:
    friend class ChoiceLog;
    static std::optional<TakenChoice> decode(std::string_view& bytes, const Expected& expected);

    const ChoiceLog* log_;
    std::size_t chunk_ = 0, offset_ = 0, index_ = 0;
    Expected expected_;
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
    ChoiceLog choices;
    std::vector<TakenArrival> arrivals;
    std::vector<Refusal> refusals;  ///< in the order of writes
};

/// Lets another decider decide and writes down what it said.
class RecordingDecider : public Decider {
  public:
    RecordingDecider(Decider& inner, ChoiceLog& log) : inner_(inner), log_(log) {}
    uint64_t choose(const Machine& machine, const Choice& choice) override;

  private:
    Decider& inner_;
    ChoiceLog& log_;
};

/// Gives the recorded answers. Each question must be the one that was recorded; the first that is not
/// is remembered, and from there on every answer is 0 (the run is to be given up).
class ReplayDecider : public Decider {
  public:
    /// Goes on from where `cursor` is, and moves it on.
    explicit ReplayDecider(ChoiceLog::Cursor& cursor) : cursor_(cursor) {}
    uint64_t choose(const Machine& machine, const Choice& choice) override;

    /// Where the run left the recording, in words; empty while it has not.
    [[nodiscard]] const std::string& mismatch() const { return mismatch_; }

  private:
    ChoiceLog::Cursor& cursor_;
    std::string mismatch_;
};

}  // namespace norn
