// What the subcommands of `norn` share.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "host/output.h"
#include "norn/runs.h"

namespace norn::cli {

/// Exit statuses of the command itself.
inline constexpr int ok = 0, found = 1, usage = 2, norn_failed = 125;

/// What the command line asked for; set by the subcommand that was named.
using Action = std::function<int()>;

/// `after_mark`: what came after the first `--` of the command line.
void add_run(CLI::App& app, Action& action, const std::vector<std::string>& after_mark);
void add_replay(CLI::App& app, Action& action);
void add_explore(CLI::App& app, Action& action, const std::vector<std::string>& after_mark);
void add_runs(CLI::App& app, Action& action);
void add_ps(CLI::App& app, Action& action);
void add_tree(CLI::App& app, Action& action);
void add_cat(CLI::App& app, Action& action);
void add_strace(CLI::App& app, Action& action);
void add_events(CLI::App& app, Action& action);
void add_diff(CLI::App& app, Action& action);
void add_cp(CLI::App& app, Action& action);
void add_doctor(CLI::App& app, Action& action);

/// One line of Norn's own on standard error: "norn: …".
void say(std::string_view line);
/// Formatted, to standard output.
template <class... Part>
void print(fmt::format_string<Part...> format, Part&&... parts)
{
    write_text(stdout, fmt::format(format, std::forward<Part>(parts)...));
}
/// The same for a failure; returns its exit status.
int fail(const Failure& failure);
/// One line of JSON, to standard output.
void print_json(const nlohmann::json& line);
/// May colour be used on this descriptor?
bool colour(int fd);

/// A moment of a run: "1.5s", "200ms", "#812" (an event's number) or "end".
struct When {
    enum class Kind : uint8_t { end, time, event } kind = Kind::end;
    uint64_t value = 0;  ///< ns from the start, or the number
};
Expected<When> parse_when(std::string_view text);
/// "10s", "1.5m", "200ms", "90" (seconds).
Expected<uint64_t> parse_duration(std::string_view text);
/// "512m", "4g", "1048576".
Expected<uint64_t> parse_size(std::string_view text);
/// What an option takes that is a number: digits alone, and not just any number of them.
CLI::Validator whole_number(uint64_t least, uint64_t most);

/// RUN[@WHEN].
struct RunAt {
    std::string run;
    When when;
};
Expected<RunAt> parse_run_at(std::string_view text);

/// A kept run, ready to be done again.
struct Replay {
    SavedRun saved;
    Run run;
};
Expected<Replay> open_replay(std::string_view which);
/// Does it again up to a moment.
Expected<> replay_until(Replay& replay, const When& when, Outside& outside, Events* events = nullptr);
/// Opens the run and goes to the moment, showing nothing of its output.
Expected<Replay> replay_at(const RunAt& where);

/// Has the replay ended as the run did, with the same hash? Otherwise what is the matter.
Expected<> verify(const Replay& replay);

}  // namespace norn::cli
