// norn replay: the same run again, and the proof that it is the same.
#include <fmt/format.h>

#include "cli/command.h"

namespace norn::cli {

namespace {
struct ReplayOptions {
    std::string run, until;
    bool quiet = false;
};

/// Shows the output of a repeated run; nothing else passes the boundary.
class OutputOnly : public NoOutside {
  public:
    Result<void> write(int stream, std::span<const uint8_t> bytes) override
    {
        write_now(stream == 2 ? stderr : stdout, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        return {};
    }
};

int replay_command(const ReplayOptions& options)
{
    const auto when = options.until.empty() ? Expected<When>(When{}) : parse_when(options.until);
    if (!when.ok()) return fail(when.failure());
    auto replay = open_replay(options.run);
    if (!replay.ok()) return fail(replay.failure());
    OutputOnly output;
    if (auto gone = replay_until(*replay, *when, output); !gone.ok()) return fail(gone.failure());
    const RunResult result = replay->run.result();
    if (when->kind != When::Kind::end) {
        say(fmt::format("at {:.6f}s: hash {} after {} instructions",
                        static_cast<double>(result.now_ns - replay->run.start_ns()) / 1e9, result.hash.hex(),
                        result.retired));
        return ok;
    }
    if (auto same = verify(*replay); !same.ok()) return fail(same.failure());
    if (!options.quiet) say(fmt::format("the same run: hash {}", result.hash.hex()));
    return exit_status(result);
}
}  // namespace

void add_replay(CLI::App& app, Action& action)
{
    auto options = std::make_shared<ReplayOptions>();
    CLI::App* command = app.add_subcommand("replay", "Do a run again, exactly; verify its final hash");
    command->add_option("RUN", options->run, "which run")->required();
    command->add_option("--until", options->until, "stop at this moment: 1.5s, #812");
    command->add_flag("-q,--quiet", options->quiet, "only the output of the run");
    command->footer(R"(
Examples:
  norn replay last
  norn replay fail --until 0.2s

Exit status: as the run's; 125 if the replay did not end in the same state.)");
    command->callback([&action, options] { action = [=] { return replay_command(*options); }; });
}

}  // namespace norn::cli
