#include "cli/report.h"

#include <fmt/format.h>

#include <cstdio>

#include "cli/command.h"
#include "kernel/task.h"
#include "norn/diff.h"
#include "sim/waits.h"
#include "syscall/strace.h"
#include "syscall/table.h"

namespace norn::cli {

LiveReport::LiveReport(bool strace, bool stops) : stops_(stops)
{
    const auto write = [](std::string_view text) { write_text(stderr, text); };
    if (strace) strace_ = std::make_unique<StraceWriter>(write);
}
LiveReport::~LiveReport() = default;

EventSet LiveReport::wanted() const
{
    return event_bit(EventKind::unsupported) | event_bit(EventKind::oom_kill) |
           (strace_ ? strace_->wanted() : 0);
}

void LiveReport::event(const Machine& machine, const Event& event)
{
    if (event.kind == EventKind::unsupported) unsupported(machine, event);
    if (event.kind == EventKind::oom_kill) ++memory_kills_;
    if (strace_ && (strace_->wanted() & event_bit(event.kind))) strace_->event(machine, event);
}

void LiveReport::unsupported(const Machine& machine, const Event& event)
{
    if (!said_.insert(event.a).second) return;
    const TaskId task = find_task(machine, event.pid);
    const std::string who = fmt::format("{} ({})", task ? command_name(machine[task]) : "?", event.pid);
    const auto then = [this](std::string_view otherwise) {
        return stops_ ? std::string_view("the run stops there") : otherwise;
    };
    if (event.a == ~0ull)
        say(fmt::format("{} met an instruction that Norn does not have, at {:#x}; {}", who, event.b,
                        then("it got SIGILL")));
    else if (const auto name = syscall_name(event.a); !name.empty())
        say(fmt::format("{} called {}, which Norn does not have; {}", who, name, then("it got ENOSYS")));
    else
        say(fmt::format("{} made system call {}, which Linux has not either; {}", who, event.a,
                        then("it got ENOSYS")));
}

namespace {
std::string count_of(uint64_t count, std::string_view one, std::string_view many)
{
    return fmt::format("{} {}", count, count == 1 ? one : many);
}
}  // namespace

std::vector<std::string> wait_lines(const Machine& m)
{
    std::vector<std::string> lines;
    for (const TaskWait& wait : task_waits(m))
        lines.push_back(fmt::format("  {} ({}) waits{}{} for {}", wait.pid, wait.command,
                                    wait.call.empty() ? "" : " in ", wait.call, wait.what));
    return lines;
}

void report_end(const Run& run, const RunResult& result, uint64_t memory_kills, const std::string& id,
                bool quiet)
{
    switch (result.ending) {
        case Ending::deadlock:
            say("deadlock: nothing can wake any task");
            for (const std::string& line : wait_lines(run.machine())) write_text(stderr, line + "\n");
            break;
        case Ending::timed_out:
            say("--timeout has passed");
            break;
        case Ending::unsupported:
            say("stopped at what Norn does not have (--on-unsupported=stop)");
            break;
        case Ending::given_up:
            say("ended from outside");
            break;
        case Ending::host_memory:
            say("the host has no memory left for the machine; the run ended before what needed it");
            break;
        case Ending::none:
        case Ending::exited:
        case Ending::diverged:
            break;
    }
    if (quiet) return;
    if (memory_kills)
        say(count_of(memory_kills, "process was", "processes were") +
            " killed since the machine had no memory left; -m gives it more");
    const std::size_t changed = id.empty() ? 0 : count_changed_files(run.machine());
    if (changed)
        say(fmt::format("{}, kept in run {}: norn diff {}, norn cp {}:PATH DEST",
                        count_of(changed, "file changed", "files changed"), id, id, id));
    if (result.ending == Ending::exited && result.left_over)
        say(count_of(result.left_over, "process was", "processes were") +
            " still alive and ended with the run");
    if (result.ending != Ending::exited && !id.empty())
        say(fmt::format("kept as run {}: norn tree {}, norn strace {}", id, id, id));
}

}  // namespace norn::cli
