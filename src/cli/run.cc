// norn run: a program and all its descendants on a new machine.
#include "host/streams.h"

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/report.h"
#include "cli/spec.h"
#include "host/clock.h"

namespace norn::cli {

namespace {
struct RunOptions {
    SpecOptions spec;
    std::string name;
    bool strace = false, quiet = false;
};

constexpr const char* examples = R"(
Examples:
  norn run -- bash -c 'ls | wc -l'
  norn run --seed 7 -- ./test-that-forks
  norn run --pid1 -m 256m --timeout 30s -- ./my-init
  norn run --root ./rootfs -u 1000 -w /home/me -- sh

Exit status: the program's; 128+n if signal n ended it; 124 after --timeout; 126 not executable;
127 not found; 125 if Norn itself failed. On a terminal, Ctrl-] three times ends Norn.)";

/// Keeps the run, unless that cannot be done, which is worth one line and no more.
std::string keep(const Run& run, const RecordedView& root, const std::string& name, bool failed)
{
    std::vector<std::string> names{"last"};
    if (!name.empty()) names.push_back(name);
    if (failed) names.emplace_back("fail");
    auto store = RunStore::of_user();
    auto id = store.ok() ? store->save(run, root, names, "") : Expected<uint64_t>(store.failure());
    if (id.ok()) return std::to_string(*id);
    say(fmt::format("this run is not kept: {}", id.failure().text));
    return "";
}

Expected<Prepared> prepare_run(const RunOptions& options, const std::vector<std::string>& program,
                               StandardStreams& streams, SigSet ignored)
{
    if (!options.name.empty() && !valid_run_name(options.name))
        return Failure{
            fmt::format("'{}' cannot name a run: letters, digits, - and _, not only digits", options.name)};
    auto prepared = prepare(options.spec, program, streams.setup(), ignored);
    if (!prepared.ok()) return prepared;
    if (options.spec.time == "real") {
        prepared->spec.time = TimeMode::real;
        prepared->spec.boot.realtime_ns = host_realtime_ns();
    }
    return prepared;
}

int run_command(const RunOptions& options, const std::vector<std::string>& program)
{
    const SigSet ignored = ignored_signals();
    StandardStreams streams(true);
    auto prepared = prepare_run(options, program, streams, ignored);
    if (!prepared.ok()) {
        const int status = fail(prepared.failure());
        return status == usage ? norn_failed : status;  // 2 would be taken for the program's
    }
    if (!prepared->drawn_seed.empty() && !options.quiet) say("--seed " + prepared->drawn_seed);

    auto run = Run::start(prepared->spec, prepared->root);
    if (!run.ok()) return fail(run.failure());
    LiveReport report(options.strace, prepared->spec.stop_on_unsupported);
    run->go({}, streams, &report);
    streams.leave_input_at(run->machine().state.outside[0].consumed);

    const RunResult result = run->result();
    const std::string id = keep(*run, *prepared->root, options.name, result.ending != Ending::exited);
    if (!options.quiet || result.ending == Ending::deadlock)
        report_end(*run, result, report.memory_kills(), id, options.quiet);
    return exit_status(result);
}
}  // namespace

void add_run(CLI::App& app, Action& action, const std::vector<std::string>& after_mark)
{
    auto options = std::make_shared<RunOptions>();
    CLI::App* command = app.add_subcommand("run", "Run a program and all its descendants on a new machine");
    add_spec_options(*command, options->spec);
    command->add_option("--seed", options->spec.seed, "seed of all choices: a number, or random")
        ->type_name("N")
        ->capture_default_str();
    command
        ->add_option("--time", options->spec.time,
                     "virtual: jumps to the next timer; real: follows the clock")
        ->check(CLI::IsMember({"virtual", "real"}))
        ->type_name("MODE")
        ->capture_default_str();
    command->add_flag("--strace", options->strace, "show every system call on standard error");
    command->add_option("--name", options->name, "name under which the run is kept")->type_name("NAME");
    command
        ->add_option("--on-unsupported", options->spec.on_unsupported,
                     "a call Norn does not have: enosys or stop")
        ->check(CLI::IsMember({"enosys", "stop"}))
        ->type_name("MODE")
        ->capture_default_str();
    command->add_flag("-q,--quiet", options->quiet, "say nothing at the end of the run");
    command->footer(examples);
    command->callback([&action, &after_mark, command, options] {
        action = [options, words = program_words(*command, after_mark)] {
            return run_command(*options, words);
        };
    });
}

}  // namespace norn::cli
