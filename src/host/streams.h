// This process's standard streams and signals as the outside of a machine.
//
// A thread of its own waits for signals and input, so that the thread that runs the machine only looks at
// a flag. Standard input is read when the machine asks and not before; a terminal always, since ^C is typed
// when nobody reads.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "host/signals.h"
#include "host/terminal.h"
#include "host/unique_fd.h"
#include "norn/run.h"

namespace norn {

class StandardStreams final : public Outside {
  public:
    /// To be made before any other thread, which it keeps from getting the signals. `terminal`: what the
    /// streams have of one is given to the machine.
    explicit StandardStreams(bool terminal);
    ~StandardStreams() override;
    StandardStreams(const StandardStreams&) = delete;
    StandardStreams& operator=(const StandardStreams&) = delete;

    [[nodiscard]] const std::array<StreamSetup, 3>& setup() const { return setup_; }
    Result<void> write(int stream, std::span<const uint8_t> bytes) override;
    /// What has arrived, waiting for it up to `wait_ns` (`never`: as long as it takes). Nothing: the time is
    /// over, or nothing can come.
    std::optional<Arrival> arrival(bool input_wanted, uint64_t wait_ns) override;
    void want_keys() override;
    uint64_t wall_ns() override;
    /// Ctrl-] was typed three times. Who does not end soon after that is ended.
    bool asked_to_end() override;
    /// At the next look at what arrived, when all of a group have asked, the terminal is given back, this
    /// process stopped as ^Z does, and the terminal taken again.
    void suspend() override;
    /// Standard input is a file of which the machine read up to `offset`: leave it there for others.
    void leave_input_at(uint64_t offset);

  private:
    void listen();
    void stop_and_go_on();
    void take_signals();
    void take_input(int fd);
    void take_keys(int fd);
    void watch_for_escape(std::span<const uint8_t> bytes);
    void give(Arrival arrival);
    void poke();
    [[nodiscard]] bool reads_now();

    std::array<StreamSetup, 3> setup_;
    int input_fd_ = -1;  ///< where input is read; -1: nowhere
    bool input_is_terminal_ = false;
    int terminal_fd_ = -1;          ///< the first stream that is one
    std::atomic<int> keys_fd_{-1};  ///< where keys are read that are not standard input; -1: nowhere
    std::unique_ptr<TerminalModes> modes_;
    ForwardedSignals signals_;
    UniqueFd wake_;

    std::mutex lock_;
    std::condition_variable something_;
    std::deque<Arrival> arrived_;
    bool wanted_ = false;  ///< the machine asked for input that was not delivered yet
    bool input_ended_ = false;
    int escapes_ = 0;  ///< Ctrl-] in a row
    std::atomic<bool> suspend_asked_{false};
    std::atomic<bool> ready_{false}, keys_ended_{false}, ending_{false}, done_{false};
    std::thread listener_;
};

}  // namespace norn
