// The norn command: every view is a function of a run.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <thread>

#include "cli/command.h"
#include "host/arena.h"

namespace norn::cli {

namespace {
constexpr const char* footer = R"(
RUN is an id or a name from `norn runs`, `last`, `fail`, `seed:N` or a file; WHEN is a virtual time
(1.5s), an event's number (#812) or `end`.

Examples:
  norn run -- bash -c 'sleep 1 & wait; echo done'
  norn tree last@0.5s
  norn strace last
  norn explore -n 1000 -- ./my-supervisor
  norn replay fail)";

/// Takes the first `--` and what follows it off the command line.
std::vector<std::string> split_at_mark(std::vector<std::string>& words)
{
    const auto mark = std::find(words.begin(), words.end(), "--");
    if (mark == words.end()) return {};
    std::vector<std::string> after(mark + 1, words.end());
    words.erase(mark, words.end());
    return after;
}

/// A first word that names no command, in words; "" if it is one, or an option.
std::string unknown_command(const CLI::App& app, const std::vector<std::string>& words)
{
    if (words.empty()) return "no command";
    const auto named = [&](const CLI::App* command) { return command->check_name(words.front()); };
    if (words.front().starts_with('-') || !app.get_subcommands(named).empty()) return "";
    return fmt::format("'{}' is not a command of norn", words.front());
}

/// The usage of `run` and `explore` says where the program stands.
class HelpFormatter : public CLI::Formatter {
  public:
    std::string make_usage(const CLI::App* app, std::string name) const override
    {
        if (!app->get_prefix_command()) return CLI::Formatter::make_usage(app, name);
        return fmt::format("Usage: norn {} [OPTIONS] [--] PROGRAM [ARGS...]\n", app->get_name());
    }
};

/// What the host refuses is said in a line: a thread that nobody may start, for one.
template <class F>
int guarded(F&& action)
{
    try {
        return action();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "norn: the host refuses: %s\n", error.what());
        return norn_failed;
    }
}

/// Runs it on a thread of its own: the one that runs guest code has signals blocked, so this one is left
/// to be ended by Ctrl-C.
int beside(const Action& action)
{
    keep_standard_descriptors();
    int status = norn_failed;
    std::thread([&] {
        status = guarded(action);
        if (!output_lost()) return;
        say("not all of the output could be written");
        status = norn_failed;
    }).join();
    return status;
}

int run_command_line(std::vector<std::string> words)
{
    const std::vector<std::string> after_mark = split_at_mark(words);
    CLI::App app("Linux process management as a value: run, replay and explore real programs", "norn");
    app.footer(footer);
    app.formatter(std::make_shared<HelpFormatter>());
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string("norn ") + NORN_VERSION);
    Action action;
    add_run(app, action, after_mark);
    add_explore(app, action, after_mark);
    for (const auto add : {add_replay, add_runs, add_ps, add_tree, add_cat, add_strace, add_events, add_diff,
                           add_cp, add_doctor})
        add(app, action);
    if (const std::string wrong = unknown_command(app, words); !wrong.empty()) {
        say(wrong + "; see norn --help");
        return usage;
    }
    const std::string command = words.front();
    try {
        std::reverse(words.begin(), words.end());  // as CLI11 wants them
        app.parse(words);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        say(error.what());
        say(command.starts_with('-') ? "see norn --help" : fmt::format("see norn {} --help", command));
        return command == "run" ? norn_failed : usage;
    }
    return command == "run" ? action() : beside(action);
}
}  // namespace

}  // namespace norn::cli

int main(int argc, char** argv)
{
    norn::keep_host_memory();
    return norn::cli::guarded([&] { return norn::cli::run_command_line({argv + 1, argv + argc}); });
}
