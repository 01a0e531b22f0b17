// norn explore: many schedules and faults of one program; each failure is kept as a run that replays.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/spec.h"
#include "host/caller.h"
#include "host/signals.h"
#include "norn/explore.h"

namespace norn::cli {

namespace {
struct ExploreCommand {
    SpecOptions spec;
    ExploreOptions explore;
    unsigned jobs = 0;
    bool no_status = false, no_deadlock = false, no_zombies = false, json = false;
};

constexpr const char* examples = R"(
Each run starts from a copy of the machine at the first moment at which two tasks could run, and takes
another schedule from there, switching at any instruction. One processor takes turns among all tasks, so
that each interleaving can happen; --cpus gives more.

Examples:
  norn explore -n 2000 -- ./my-supervisor test.conf
  norn explore --fault fork=5% -- ./build.sh
  norn replay fail

Ctrl-C stops it and shows what was found so far.

Exit status: 0 nothing found, 1 findings, 2 wrong usage, 125-127 as norn run.)";

std::string clock_words(double seconds)
{
    const auto whole = static_cast<uint64_t>(std::llround(seconds));
    return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

/// A line that is written over, on a terminal alone.
void show_progress(const ExploreProgress& now)
{
    const double rate = now.seconds > 0 ? static_cast<double>(now.done) / now.seconds : 0;
    const double left = rate > 0 ? static_cast<double>(now.total - now.done) / rate : 0;
    write_text(stderr, fmt::format("\r{} of {} runs, {:.0f} a second, {} failed, {} left \033[K", now.done,
                                   now.total, rate, now.failures, clock_words(left)));
}

/// Keeps the finding's run and shows it; the smallest comes last, as `fail`.
Expected<uint64_t> keep(RunStore& store, const RecordedView& root, const Finding& finding, bool smallest)
{
    std::vector<std::string> names;
    if (smallest) names = {"last", "fail"};
    return store.save(finding.run, root, names, finding.rule + ": " + finding.cause);
}

void print_finding(const Finding& finding, uint64_t total, const Expected<uint64_t>& id)
{
    const bool coloured = colour(1);
    print("{}{}{}: {}\n", coloured ? "\033[1;31m" : "", finding.rule, coloured ? "\033[0m" : "",
          finding.cause);
    print("    in {} of {} runs; smallest with seed {} ({} choices)\n", finding.count, total, finding.seed,
          finding.run.recording().choices.size());
    if (id.ok())
        print("    norn replay {0}    norn tree {0}    norn strace {0}\n", *id);
    else
        print("    not kept: {}\n", id.failure().text);
}

void print_as_json(const Finding& finding, const Expected<uint64_t>& id)
{
    nlohmann::json line = {{"rule", finding.rule},
                           {"cause", finding.cause},
                           {"count", finding.count},
                           {"seed", finding.seed},
                           {"choices", finding.run.recording().choices.size()}};
    if (id.ok()) line["run"] = *id;
    print_json(line);
}

int report(const ExploreReport& made, const RecordedView& root, bool json)
{
    const ExploreProgress& all = made.progress;
    std::vector<Expected<uint64_t>> ids(made.findings.size(), Failure{});
    auto store = RunStore::of_user();
    for (std::size_t i = made.findings.size(); i-- > 0;)
        ids[i] =
            store.ok() ? keep(*store, root, made.findings[i], i == 0) : Expected<uint64_t>(store.failure());
    for (std::size_t i = 0; i < made.findings.size(); ++i) {
        if (json)
            print_as_json(made.findings[i], ids[i]);
        else
            print_finding(made.findings[i], all.done, ids[i]);
    }
    if (made.one_schedule) say("there never were two tasks that could run: this program has one schedule");
    if (json)
        print_json({{"runs", all.done},
                    {"seconds", all.seconds},
                    {"failures", all.failures},
                    {"distinct", made.findings.size()}});
    else
        print("{} runs in {:.1f} s ({:.0f} a second): {}\n", all.done, all.seconds,
              all.seconds > 0 ? static_cast<double>(all.done) / all.seconds : 0.0,
              made.findings.empty() ? "nothing found"
                                    : fmt::format("{} failed, {} distinct; the smallest: norn replay fail",
                                                  all.failures, made.findings.size()));
    if (made.progress.done < made.progress.total && !made.one_schedule)
        say("stopped before the rest was run");
    return !made.findings.empty() ? found : StopRequest::signal() ? 128 + StopRequest::signal() : ok;
}

int explore_command(ExploreCommand options, const std::vector<std::string>& program)
{
    const std::array<StreamSetup, 3> streams{StreamSetup{StreamKind::null}, StreamSetup{StreamKind::pipe},
                                             StreamSetup{StreamKind::pipe}};
    auto prepared = prepare(options.spec, program, streams, ignored_signals());
    if (!prepared.ok()) {
        say(prepared.failure().text);
        return prepared.failure().status == norn_failed ? usage : prepared.failure().status;
    }
    options.explore.workers = options.jobs ? options.jobs : usable_processors();
    options.explore.check_status = !options.no_status;
    options.explore.check_deadlock = !options.no_deadlock;
    options.explore.check_zombies = !options.no_zombies;
    const bool progress = is_terminal(2);
    const StopRequest interrupted;
    const auto made =
        explore(prepared->spec, prepared->root, options.explore, [&](const ExploreProgress& now) {
            if (progress) show_progress(now);
            return interrupted.signal() == 0;
        });
    if (progress) write_text(stderr, "\r\033[K");
    if (!made.ok()) return fail(made.failure());
    return report(*made, *prepared->root, options.json);
}
}  // namespace

void add_explore(CLI::App& app, Action& action, const std::vector<std::string>& after_mark)
{
    auto options = std::make_shared<ExploreCommand>();
    options->spec.cpus = 1;  // whoever is stopped stays so while others run, however long
    CLI::App* command = app.add_subcommand("explore", "Run many schedules and faults of a program");
    add_spec_options(*command, options->spec);
    constexpr uint64_t most_runs = 1'000'000'000, most_jobs = 1024, most_status = 255;
    command->add_option("-n,--runs", options->explore.runs, "how many runs")
        ->check(whole_number(1, most_runs))
        ->type_name("N")
        ->capture_default_str();
    command
        ->add_option("--seed", options->explore.first_seed, "seed of the first that is not the fair schedule")
        ->check(whole_number(0, UINT64_MAX))
        ->type_name("N")
        ->capture_default_str();
    command->add_option("-j,--jobs", options->jobs, "host threads (all processors)")
        ->check(whole_number(1, most_jobs))
        ->type_name("N");
    command->add_option("--expect", options->explore.expected_status, "exit status that is right")
        ->check(whole_number(0, most_status))
        ->type_name("N")
        ->capture_default_str();
    command->add_flag("--no-status", options->no_status, "do not look at exit statuses");
    command->add_flag("--no-deadlock", options->no_deadlock, "do not look for deadlocks");
    command->add_flag("--no-zombies", options->no_zombies, "do not look for zombies that nobody reaps");
    command->add_flag("--from-start", options->explore.from_start,
                      "start each run over instead of copying a machine (to compare the rates)");
    command->add_flag("--json", options->json, "one JSON object a line: each finding, then the sums");
    command->footer(examples);
    command->callback([&action, &after_mark, command, options] {
        action = [options, words = program_words(*command, after_mark)] {
            return explore_command(*options, words);
        };
    });
}

}  // namespace norn::cli
