#include <fmt/format.h>

#include <map>

#include "kernel/task.h"
#include "sim/oracle/oracle.h"
#include "sim/waits.h"

namespace norn {

namespace {
/// A parent that is alive and does not reap for so long has forgotten the child.
constexpr uint64_t patience_ns = 5'000'000'000;

class Zombies final : public Oracle {
  public:
    [[nodiscard]] std::string_view rule() const override { return "zombie"; }

    [[nodiscard]] EventSet wanted() const override
    {
        return event_bit(EventKind::zombie) | event_bit(EventKind::reparent) | event_bit(EventKind::reap);
    }
    void event(const Machine& m, const Event& event) override
    {
        switch (event.kind) {
            case EventKind::zombie:
                since_[event.pid] = {event.time_ns, parent_name(m, event.pid)};
                break;
            case EventKind::reparent:
                // The new parent's time begins now.
                note(m, event.pid, event.time_ns);
                if (const auto at = since_.find(event.pid); at != since_.end())
                    at->second = {event.time_ns, parent_name(m, event.pid)};
                break;
            case EventKind::reap:
                note(m, event.pid, event.time_ns);
                since_.erase(event.pid);
                break;
            default:
                break;
        }
    }

    [[nodiscard]] std::optional<std::string> verdict(const Run& run) const override
    {
        if (!worst_.empty()) return worst_;
        const Machine& m = run.machine();
        for (const auto& [pid, left] : since_)
            if (m.state.now_ns - left.since_ns >= patience_ns) return describe(m, pid, left.parent);
        return std::nullopt;
    }

  private:
    /// A zombie, since when, and who should have reaped it: its parent of that time.
    struct Left {
        uint64_t since_ns = 0;
        std::string parent;
    };

    static std::string parent_name(const Machine& m, uint32_t pid)
    {
        const TaskId task = find_task(m, pid);
        const TaskId parent = task ? m[task].real_parent : TaskId{};
        return m.alive(parent) ? command_name(m[parent]) : "?";
    }

    static std::string describe(const Machine& m, uint32_t pid, const std::string& parent)
    {
        const TaskId task = find_task(m, pid);
        if (!task) return "a zombie waited long to be reaped";
        return fmt::format("a zombie ({}) waited over {} virtual seconds for its parent ({}) to reap it",
                           command_name(m[task]), patience_ns / 1'000'000'000, parent);
    }

    void note(const Machine& m, uint32_t pid, uint64_t now_ns)
    {
        const auto at = since_.find(pid);
        if (at != since_.end() && now_ns - at->second.since_ns >= patience_ns && worst_.empty())
            worst_ = describe(m, pid, at->second.parent);
    }

    std::map<uint32_t, Left> since_;  ///< zombies by pid: their present parent could reap them since then
    std::string worst_;
};
}  // namespace

std::unique_ptr<Oracle> zombie_oracle()
{
    return std::make_unique<Zombies>();
}

}  // namespace norn
