#include <fmt/format.h>

#include "sim/oracle/oracle.h"

namespace norn {

namespace {
class Ends final : public Oracle {
  public:
    [[nodiscard]] std::string_view rule() const override { return "no-end"; }
    [[nodiscard]] std::optional<std::string> verdict(const Run& run) const override
    {
        const MachineState& state = run.machine().state;
        if (run.ending() == Ending::timed_out)
            return fmt::format("still going after {} virtual seconds",
                               (state.now_ns - run.start_ns()) / 1'000'000'000);
        if (run.ending() == Ending::none)
            return "still going after many times the instructions of other runs";
        return std::nullopt;
    }
};
}  // namespace

std::unique_ptr<Oracle> ending_oracle()
{
    return std::make_unique<Ends>();
}

}  // namespace norn
