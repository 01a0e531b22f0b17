// norn diff, norn cp and norn cat: what a run did to its files, and files out of it.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "host/files.h"
#include "norn/diff.h"
#include "norn/proc.h"

namespace norn::cli {

namespace {
char letter(ChangeKind kind)
{
    switch (kind) {
        case ChangeKind::added:
            return 'A';
        case ChangeKind::modified:
            return 'C';
        case ChangeKind::removed:
            return 'D';
    }
    return '?';
}

int diff_command(const std::string& which, bool json)
{
    const auto where = parse_run_at(which);
    if (!where.ok()) return fail(where.failure());
    auto replay = replay_at(*where);
    if (!replay.ok()) return fail(replay.failure());
    for (const ChangedFile& file : changed_files(replay->run.machine()))
        if (json)
            print_json({{"kind", std::string(1, letter(file.kind))}, {"path", file.path}});
        else
            print("{} {}\n", letter(file.kind), file.path);
    return ok;
}

/// A file of a machine: below /proc as its own kernel tells it, otherwise from its tree.
Result<std::string> contents(const Machine& m, const std::string& path)
{
    return path.starts_with("/proc/") ? proc_read(m, path) : read_file(m, path);
}

Expected<std::string> file_at(const std::string& which, const std::string& path)
{
    const auto where = parse_run_at(which);
    if (!where.ok()) return where.failure();
    auto replay = replay_at(*where);
    if (!replay.ok()) return replay.failure();
    const std::string absolute = path.starts_with('/') ? path : replay->saved.spec.program.cwd + "/" + path;
    auto bytes = contents(replay->run.machine(), absolute);
    if (!bytes.ok())
        // EIO: the recording has no answer, since the run never asked.
        return Failure{
            bytes.error() == EIO
                ? fmt::format("{} in run {}: No such file among those that it wrote or read", absolute, which)
                : fmt::format("{} in run {}: {}", absolute, which, errno_text(bytes.error()))};
    return *std::move(bytes);
}

int cat_command(const std::string& which, const std::string& path)
{
    const auto bytes = file_at(which, path);
    if (!bytes.ok()) return fail(bytes.failure());
    write_text(stdout, *bytes);
    return ok;
}

/// `from` is RUN[@WHEN]:PATH.
int cp_command(const std::string& from, const std::string& to)
{
    const std::size_t colon = from.find(':', from.starts_with("seed:") ? 5 : 0);
    if (colon == std::string::npos)
        return fail({fmt::format("'{}' does not name a file of a run, as in last:/tmp/out", from), usage});
    const std::string path = from.substr(colon + 1);
    const auto bytes = file_at(from.substr(0, colon), path);
    if (!bytes.ok()) return fail(bytes.failure());
    const auto written = write_out(to, path, *bytes);
    return written.ok() ? ok : fail(written.failure());
}
}  // namespace

void add_diff(CLI::App& app, Action& action)
{
    auto which = std::make_shared<std::string>();
    auto json = std::make_shared<bool>(false);
    CLI::App* command =
        app.add_subcommand("diff", "List the files that a run added (A), changed (C) or deleted (D)");
    command->add_option("RUN[@WHEN]", *which, "which run, at which moment of it (its end)")->required();
    command->add_flag("--json", *json, "one JSON object a line");
    command->footer("\nExamples:\n  norn diff last\n  norn cp last:/tmp/result.txt .");
    command->callback([&action, which, json] { action = [=] { return diff_command(*which, *json); }; });
}

void add_cp(CLI::App& app, Action& action)
{
    auto from = std::make_shared<std::string>(), to = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("cp", "Take a file out of a run");
    command->add_option("RUN[@WHEN]:PATH", *from, "which file of which run")->required();
    command->add_option("DEST", *to, "file or folder on the host")->required();
    command->footer("\nExamples:\n  norn cp last:/tmp/result.txt .\n  norn cp 12@1s:log /tmp/log-at-1s");
    command->callback([&action, from, to] { action = [=] { return cp_command(*from, *to); }; });
}

void add_cat(CLI::App& app, Action& action)
{
    auto which = std::make_shared<std::string>(), path = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("cat", "Print a file of a run, /proc included, at a moment");
    command->add_option("RUN[@WHEN]", *which, "which run, at which moment of it (its end)")->required();
    command->add_option("PATH", *path, "the file")->required();
    command->footer("\nExamples:\n  norn cat last@1.5s /proc/2/status\n  norn cat last /proc/meminfo");
    command->callback([&action, which, path] { action = [=] { return cat_command(*which, *path); }; });
}

}  // namespace norn::cli
