// norn events: each transition of each task's life, one JSON object a line.
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "kernel/task.h"
#include "sim/waits.h"
#include "syscall/table.h"

namespace norn::cli {

namespace {
/// The kind's name, and what `a` and `b` are called for it; empty: they say nothing.
struct KindWords {
    const char *name, *a, *b;
};
constexpr std::array<KindWords, 21> kinds{{
    {"clone", "parent", "flags"},
    {"exec", "", ""},
    {"exit", "status", ""},
    {"zombie", "", ""},
    {"reap", "by", ""},
    {"reparent", "parent", ""},
    {"runnable", "", ""},
    {"running", "cpu", ""},
    {"sleep", "queue", "call"},
    {"stop", "signal", ""},
    {"continue", "", ""},
    {"signal_generate", "signal", "from"},
    {"signal_deliver", "signal", ""},
    {"signal_ignore", "signal", ""},
    {"pid_allocate", "number", ""},
    {"pid_free", "number", ""},
    {"syscall_enter", "call", ""},
    {"syscall_exit", "call", "result"},
    {"fault", "vector", "address"},
    {"oom_kill", "", ""},
    {"unsupported", "call", "rip"},
}};

nlohmann::json value_of(std::string_view name, uint64_t value)
{
    if (name == "call")
        if (const auto call = syscall_name(value); !call.empty()) return std::string(call);
    if (name == "result") return static_cast<int64_t>(value);
    return value;
}

class PrintEvents : public Events {
  public:
    explicit PrintEvents(uint64_t start_ns) : start_ns_(start_ns) {}

    void event(const Machine& m, const Event& event) override
    {
        const KindWords& words = kinds.at(static_cast<std::size_t>(event.kind));
        nlohmann::ordered_json line;
        line["event"] = number_++;
        line["time"] = static_cast<double>(event.time_ns - start_ns_) / 1e9;
        line["kind"] = words.name;
        if (event.pid) {
            line["pid"] = event.pid;
            line["tgid"] = event.tgid;
            if (const TaskId task = find_task(m, event.pid)) line["comm"] = command_name(m[task]);
        }
        if (*words.a) line[words.a] = value_of(words.a, event.a);
        if (*words.b) line[words.b] = value_of(words.b, event.b);
        print_json(line);
    }

  private:
    uint64_t start_ns_;
    uint64_t number_ = 0;
};

int events_command(const std::string& which)
{
    auto replay = open_replay(which);
    if (!replay.ok()) return fail(replay.failure());
    NoOutside nothing;
    PrintEvents printer(replay->run.start_ns());
    if (auto gone = replay_until(*replay, {}, nothing, &printer); !gone.ok()) return fail(gone.failure());
    return ok;
}
}  // namespace

void add_events(CLI::App& app, Action& action)
{
    auto which = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("events", "Print a run's life as events, one JSON object a line");
    command->add_option("RUN", *which, "which run")->required();
    command->footer(R"(
Examples:
  norn events last | grep '"kind":"reap"'
  norn events last | jq -r 'select(.kind == "clone") | .pid'

The number of an event names a moment: norn tree last@#812.)");
    command->callback([&action, which] { action = [=] { return events_command(*which); }; });
}

}  // namespace norn::cli
