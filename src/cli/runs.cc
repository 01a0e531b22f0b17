// norn runs: what is kept.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"

namespace norn::cli {

namespace {
std::string ending_words(const RunResult& result)
{
    switch (result.ending) {
        case Ending::exited:
            return result.status & 0x7f ? fmt::format("signal {}", result.status & 0x7f)
                                        : fmt::format("exit {}", result.status >> 8 & 0xff);
        case Ending::timed_out:
            return "timeout";
        case Ending::deadlock:
            return "deadlock";
        case Ending::unsupported:
            return "unsupported";
        default:
            return "ended";
    }
}

std::string joined(const std::vector<std::string>& words, const char* between)
{
    return fmt::format("{}", fmt::join(words, between));
}

void print_as_json(const std::vector<RunInfo>& runs)
{
    for (const RunInfo& run : runs) {
        const nlohmann::json line = {{"id", run.id},
                                     {"names", run.names},
                                     {"argv", run.argv},
                                     {"seed", run.seed},
                                     {"scheduler", run.scheduler == Scheduler::fair ? "fair" : "random"},
                                     {"ending", ending_words(run.result)},
                                     {"exit_status", exit_status(run.result)},
                                     {"instructions", run.result.retired},
                                     {"virtual_ns", run.result.now_ns},
                                     {"hash", run.result.hash.hex()},
                                     {"saved_at", run.saved_at},
                                     {"cause", run.cause}};
        print_json(line);
    }
}

int runs_command(bool json)
{
    const auto store = RunStore::of_user();
    if (!store.ok()) return fail(store.failure());
    std::vector<std::string> damaged;
    const std::vector<RunInfo> runs = store->list(&damaged);
    if (damaged.size() == 1) say(damaged.front() + " is damaged or of another version; left out");
    if (damaged.size() > 1)
        say(fmt::format("{} and {} more are damaged or of another version; left out", damaged.front(),
                        damaged.size() - 1));
    if (json) {
        print_as_json(runs);
        return ok;
    }
    if (runs.empty())
        say("no runs are kept in " + store->folder());
    else
        print("{:>5}  {:<14}  {:<16}  {:<11}  {:>10}  {}\n", "ID", "NAME", "WHEN", "ENDED", "SEED",
              "COMMAND");
    for (const RunInfo& run : runs)
        print("{:>5}  {:<14}  {:%Y-%m-%d %H:%M}  {:<11}  {:>10}  {}{}{}\n", run.id, joined(run.names, ","),
              fmt::localtime(run.saved_at), ending_words(run.result), run.seed, joined(run.argv, " "),
              run.cause.empty() ? "" : "  # ", run.cause);
    return ok;
}
}  // namespace

void add_runs(CLI::App& app, Action& action)
{
    auto json = std::make_shared<bool>(false);
    CLI::App* command = app.add_subcommand("runs", "List the runs that are kept");
    command->add_flag("--json", *json, "one JSON object a line");
    command->footer(R"(
Examples:
  norn runs
  norn runs --json | jq .hash

Runs are kept in $XDG_STATE_HOME/norn or ~/.local/state/norn, up to 2 GiB; the oldest that have no
name are dropped first.)");
    command->callback([&action, json] { action = [=] { return runs_command(*json); }; });
}

}  // namespace norn::cli
