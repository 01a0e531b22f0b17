// norn strace: the system calls of a kept run, as strace shows them.
#include "syscall/strace.h"

#include <algorithm>
#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "syscall/table.h"

namespace norn::cli {

namespace {

struct StraceCommand {
    std::string which, filter;
    StraceOptions options;
    int times = 0;  ///< how often -t was given
};

/// "trace=openat,read" (or without "trace="), as strace's -e takes it.
std::vector<std::string> calls_of(std::string_view filter)
{
    constexpr std::string_view word = "trace=";
    if (filter.starts_with(word)) filter.remove_prefix(word.size());
    std::vector<std::string> calls;
    while (!filter.empty()) {
        const std::size_t comma = std::min(filter.find(','), filter.size());
        calls.emplace_back(filter.substr(0, comma));
        filter.remove_prefix(std::min(comma + 1, filter.size()));
    }
    return calls;
}

/// A name that no system call has; "" if there is none.
std::string unknown_call(const std::vector<std::string>& calls)
{
    const auto known = [](std::string_view name) {
        for (uint64_t number = 0; number < syscall_limit; ++number)
            if (!name.empty() && syscall_name(number) == name) return true;
        return false;
    };
    const auto at = std::find_if_not(calls.begin(), calls.end(), known);
    return at == calls.end() ? "" : "'" + *at + "'";
}

int strace_command(const StraceCommand& command)
{
    const std::vector<std::string> calls = calls_of(command.filter);
    if (const std::string unknown = unknown_call(calls); !unknown.empty())
        return fail({"-e: no system call is called " + unknown, usage});
    auto replay = open_replay(command.which);
    if (!replay.ok()) return fail(replay.failure());
    NoOutside nothing;
    StraceOptions options = command.options;
    options.calls = calls;
    options.clock = static_cast<StraceClock>(std::min(command.times, 2));
    StraceWriter writer([](std::string_view text) { write_text(stdout, text); }, options);
    if (auto gone = replay_until(*replay, {}, nothing, &writer); !gone.ok()) return fail(gone.failure());
    return ok;
}

}  // namespace

void add_strace(CLI::App& app, Action& action)
{
    auto command = std::make_shared<StraceCommand>();
    command->options.follow = false;
    CLI::App* sub = app.add_subcommand("strace", "Print a run's system calls in strace's own format");
    sub->add_option("RUN", command->which, "which run")->required();
    sub->add_flag("-f", command->options.follow, "descendants and threads, too");
    sub->add_option("-p", command->options.pid, "begin with this task")->check(whole_number(1, UINT32_MAX));
    sub->add_option("-e", command->filter, "trace=CALL,...: show these calls alone");
    sub->add_flag("-y", command->options.paths, "what each descriptor names, beside it");
    sub->add_flag("-T", command->options.durations, "how long each call took, in virtual time");
    sub->add_flag("-t", command->times, "when each line was, in virtual time; -tt: to the microsecond");
    sub->footer(R"(
Examples:
  norn strace -f last
  norn strace -f -y -tt -T last
  norn strace -e trace=openat,execve fail)");
    sub->callback([&action, command] { action = [=] { return strace_command(*command); }; });
}

}  // namespace norn::cli
