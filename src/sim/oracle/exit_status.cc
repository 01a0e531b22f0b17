#include <fmt/format.h>

#include "sim/oracle/oracle.h"

namespace norn {

namespace {
class ExitStatus final : public Oracle {
  public:
    explicit ExitStatus(int expected) : expected_(expected) {}
    [[nodiscard]] std::string_view rule() const override { return "exit-status"; }
    [[nodiscard]] std::optional<std::string> verdict(const Run& run) const override
    {
        if (run.ending() != Ending::exited) return std::nullopt;
        const uint32_t status = run.machine().state.program_status;
        const uint32_t signal = status & 0x7f;
        const int shown = static_cast<int>(signal ? 128 + signal : status >> 8 & 0xff);
        if (shown == expected_) return std::nullopt;
        if (signal) return fmt::format("signal {} ended it", signal);
        return fmt::format("exit status {} instead of {}", shown, expected_);
    }

  private:
    int expected_;
};
}  // namespace

std::unique_ptr<Oracle> exit_status_oracle(int expected)
{
    return std::make_unique<ExitStatus>(expected);
}

}  // namespace norn
