#include <fmt/format.h>

#include "sim/oracle/oracle.h"
#include "sim/waits.h"

namespace norn {

namespace {
class Deadlock final : public Oracle {
  public:
    [[nodiscard]] std::string_view rule() const override { return "deadlock"; }
    [[nodiscard]] std::optional<std::string> verdict(const Run& run) const override
    {
        if (run.ending() != Ending::deadlock) return std::nullopt;
        std::string who;
        for (const TaskWait& wait : task_waits(run.machine()))
            who += fmt::format("{}{} waits{}{} for {}", who.empty() ? "" : "; ", wait.command,
                               wait.call.empty() ? "" : " in ", wait.call, wait.what);
        return "nothing can wake any task: " + who;
    }
};
}  // namespace

std::unique_ptr<Oracle> deadlock_oracle()
{
    return std::make_unique<Deadlock>();
}

}  // namespace norn
