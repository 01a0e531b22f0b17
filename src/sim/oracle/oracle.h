// Oracles: each knows one property that a run should have, and watches from outside.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "norn/run.h"

namespace norn {

class Oracle : public Events {
  public:
    [[nodiscard]] EventSet wanted() const override { return 0; }
    void event(const Machine& /*machine*/, const Event& /*event*/) override {}
    [[nodiscard]] virtual std::string_view rule() const = 0;
    /// After the end: what was wrong, in one line; nothing if all was well.
    [[nodiscard]] virtual std::optional<std::string> verdict(const Run& run) const = 0;
};

/// PROGRAM ends with this exit status (as a shell shows it).
[[nodiscard]] std::unique_ptr<Oracle> exit_status_oracle(int expected);
/// There is always something that can wake somebody.
[[nodiscard]] std::unique_ptr<Oracle> deadlock_oracle();
/// No zombie waits long for a parent that is alive.
[[nodiscard]] std::unique_ptr<Oracle> zombie_oracle();
/// The run ends.
[[nodiscard]] std::unique_ptr<Oracle> ending_oracle();

}  // namespace norn
