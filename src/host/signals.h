// Signals that people and programs outside send to Norn, to be passed on into the machine.
#pragma once

#include <csignal>
#include <cstdint>

#include "host/unique_fd.h"

namespace norn {

/// Signals that this process was started with as ignored: bit n-1 is signal n. To be asked before anything
/// changes them.
[[nodiscard]] uint64_t ignored_signals();

/// From here on the first SIGINT or SIGTERM only asks to stop; the second ends the process.
class StopRequest {
  public:
    StopRequest();
    [[nodiscard]] static int signal();  ///< that asked; 0: none
};

/// Blocks the signals that are passed on, in this thread and those it starts, and collects them instead.
class ForwardedSignals {
  public:
    ForwardedSignals();
    ~ForwardedSignals();
    ForwardedSignals(const ForwardedSignals&) = delete;
    ForwardedSignals& operator=(const ForwardedSignals&) = delete;

    /// Becomes readable when a signal has come.
    [[nodiscard]] int fd() const { return fd_.get(); }
    /// The next one; 0 if there is none.
    int take();

  private:
    UniqueFd fd_;
    sigset_t before_ = {};
};

}  // namespace norn
