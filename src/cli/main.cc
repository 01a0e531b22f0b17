// The norn command: every view is a function of a run.
#include <fmt/format.h>

#include "cli/command.h"

namespace norn::cli {

namespace {
constexpr const char* words = R"(
RUN is an id or a name from `norn runs`, `last`, `fail`, `seed:N` or a file; WHEN is a virtual time
(1.5s), an event's number (#812) or `end`.

Examples:
  norn run -- bash -c 'sleep 1 & wait; echo done'
  norn tree last@0.5s
  norn strace last
  norn explore -n 1000 -- ./my-supervisor
  norn replay fail)";

int run_command_line(int argc, char** argv)
{
    CLI::App app("Linux process management as a value: run, replay and explore real programs", "norn");
    app.footer(words);
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string("norn ") + NORN_VERSION);
    Action action;
    for (const auto add :
         {add_run, add_replay, add_explore, add_runs, add_ps, add_tree, add_strace, add_events, add_doctor})
        add(app, action);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        say(error.what());
        const bool run = argc > 1 && std::string_view(argv[1]) == "run";
        say(argc > 1 ? fmt::format("see norn {} --help", argv[1]) : "see norn --help");
        return run ? norn_failed : usage;
    }
    return action();
}
}  // namespace

}  // namespace norn::cli

int main(int argc, char** argv)
{
    return norn::cli::run_command_line(argc, argv);
}
