#include "cli/spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "host/caller.h"
#include "norn/root.h"
#include "sim/program.h"

namespace norn::cli {

namespace {
/// Where virtual time starts: later than the files of any host, so that `make` sees no skew, and
/// before 2038. 2036-01-01 00:00:00 UTC.
constexpr int64_t first_second = 2'082'758'400;

constexpr std::size_t longest_hostname = 64;  ///< sethostname(2)

Failure explain_root(const std::string& root, Errno error)
{
    return {
        fmt::format("cannot use '{}' as root: {}{}", root, errno_text(error),
                    error == ENOTDIR ? "; --root takes a folder (an archive is to be unpacked first)" : "")};
}

std::optional<uint32_t> as_number(std::string_view text)
{
    uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// A whole file of the root, for the few that Norn itself reads.
std::string read_file(RootView& root, std::string_view path)
{
    const Result<std::string> real = follow(root, path);
    std::string text;
    for (uint64_t page = 0; real.ok(); ++page) {
        std::array<uint8_t, 4096> bytes;
        const Result<std::size_t> size = root.read_page(*real, page, bytes);
        if (!size.ok() || *size == 0) break;
        text.append(reinterpret_cast<const char*>(bytes.data()), *size);
        if (*size < bytes.size()) break;
    }
    return text;
}

/// A line of /etc/passwd or /etc/group: its first four fields.
using AccountLine = std::array<std::string_view, 4>;

std::vector<AccountLine> account_lines(std::string_view table)
{
    std::vector<AccountLine> lines;
    while (!table.empty()) {
        std::string_view line = table.substr(0, table.find('\n'));
        table.remove_prefix(std::min(table.size(), line.size() + 1));
        AccountLine fields;
        for (std::string_view& field : fields) {
            field = line.substr(0, line.find(':'));
            line.remove_prefix(std::min(line.size(), field.size() + 1));
        }
        if (as_number(fields[2])) lines.push_back(fields);
    }
    return lines;
}

/// The first line with that name or number.
std::optional<AccountLine> find_account(const std::vector<AccountLine>& lines, std::string_view asked)
{
    const auto at = std::find_if(lines.begin(), lines.end(), [&](const AccountLine& line) {
        return line[0] == asked || line[2] == asked;
    });
    return at == lines.end() ? std::nullopt : std::optional(*at);
}

bool is_member(std::string_view members, std::string_view user)
{
    while (!members.empty()) {
        const std::string_view member = members.substr(0, members.find(','));
        if (member == user) return true;
        members.remove_prefix(std::min(members.size(), member.size() + 1));
    }
    return false;
}

/// The groups of a user of /etc/passwd: the one named there, and those that list it.
void set_groups_of(const std::vector<AccountLine>& groups, const AccountLine& user, ProgramSpec& program)
{
    program.gid = as_number(user[3]).value_or(0);
    for (const AccountLine& group : groups)
        if (is_member(group[3], user[0])) program.groups.push_back(*as_number(group[2]));
}

/// USER[:GROUP], by number or by name, with the groups that docker's and podman's option of that name gives.
Expected<> set_user(RootView& root, const std::string& text, ProgramSpec& program)
{
    const std::string user = text.substr(0, text.find(':'));
    const std::string group = user.size() < text.size() ? text.substr(user.size() + 1) : "";
    constexpr uint32_t nobody_at_all = ~0u;  // what chown(2) and setresuid(2) take for "leave it"
    const std::string passwd = read_file(root, "/etc/passwd"), group_file = read_file(root, "/etc/group");
    const std::vector<AccountLine> groups = account_lines(group_file);
    const auto known = find_account(account_lines(passwd), user);
    const auto uid = known ? as_number((*known)[2]) : as_number(user);
    if (!uid || *uid == nobody_at_all)
        return Failure{fmt::format("no user is called '{}' in /etc/passwd of the root", user)};
    program.uid = *uid;
    program.gid = 0;
    program.groups.clear();
    if (group.empty()) {
        if (known) set_groups_of(groups, *known, program);
        return {};
    }
    const auto group_known = find_account(groups, group);
    const auto gid = group_known ? as_number((*group_known)[2]) : as_number(group);
    if (!gid || *gid == nobody_at_all)
        return Failure{fmt::format("no group is called '{}' in /etc/group of the root", group)};
    program.gid = *gid;
    return {};
}

/// NAME=VALUE sets; NAME alone takes the caller's value over, as docker has it, which is there already.
Expected<> set_environment(std::vector<std::string>& environment, const std::string& entry)
{
    const std::size_t equals = entry.find('=');
    if (entry.empty() || equals == 0)
        return Failure{fmt::format("'{}' names no variable: -e NAME=VALUE", entry), usage};
    if (equals == std::string::npos) return {};
    const std::string name = entry.substr(0, equals + 1);
    std::erase_if(environment, [&](const std::string& old) { return old.starts_with(name); });
    environment.push_back(entry);
    return {};
}

/// `here`: the caller's; "" if it is gone.
Expected<std::string> working_directory(const SpecOptions& options, const std::string& here)
{
    const std::string start = options.root == "/" ? here : "/";
    if (options.workdir.starts_with('/')) return options.workdir;
    if (start.empty()) return Failure{"the working directory is gone; -w names another"};
    if (options.workdir.empty()) return start;
    return (start == "/" ? "" : start) + "/" + options.workdir;
}

Expected<> set_limits(const SpecOptions& options, RunSpec& spec)
{
    const auto memory = parse_size(options.memory);
    if (!memory.ok()) return memory.failure();
    constexpr uint64_t least = 1 << 20, most = 1ull << 40;
    if (*memory < least || *memory > most) return Failure{"--memory is between 1m and 1024g", usage};
    spec.limits.memory_pages = *memory / 4096;
    spec.limits.cpus = options.cpus;
    if (options.pids_limit) spec.limits.max_tasks = options.pids_limit;
    if (options.timeout.empty()) return {};
    const auto timeout = parse_duration(options.timeout);
    if (!timeout.ok()) return timeout.failure();
    if (*timeout) spec.timeout_ns = *timeout;
    return {};
}

Expected<uint64_t> parse_seed(const std::string& text)
{
    uint64_t seed = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
    if (error == std::errc() && end == text.data() + text.size()) return seed;
    return Failure{fmt::format("'{}' is not a seed: a number, or random", text), usage};
}
}  // namespace

void add_spec_options(CLI::App& command, SpecOptions& options)
{
    command.prefix_command();
    command
        .add_option("--root", options.root, "folder that is the program's / (read only; writes stay inside)")
        ->type_name("DIR")
        ->capture_default_str();
    command.add_option("-e,--env", options.environment, "for the environment; may be repeated")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
    command.add_option("-w,--workdir", options.workdir, "working directory (the present one)")
        ->type_name("DIR");
    command.add_option("-u,--user", options.user, "who runs it, by name or number (the caller)")
        ->type_name("USER[:GROUP]");
    command.add_option("--hostname", options.hostname, "host name inside")
        ->type_name("NAME")
        ->capture_default_str();
    command.add_option("-m,--memory", options.memory, "memory of the machine, files written included")
        ->type_name("SIZE")
        ->capture_default_str();
    command.add_option("--pids-limit", options.pids_limit, "tasks at the same time (4194304)")
        ->check(whole_number(1, 4'194'304))
        ->type_name("N");
    command.add_option("--cpus", options.cpus, "processors, up to 64")
        ->check(whole_number(1, 64))
        ->type_name("N")
        ->capture_default_str();
    command.add_option("--timeout", options.timeout, "end after this much virtual time, with status 124")
        ->type_name("TIME");
    command.add_flag("--pid1", options.pid1, "the program is process 1 itself, as an init is");
    command
        .add_option("--fault", options.faults,
                    "what may fail: fork[=RATE],short-io[=RATE]; rate as 5% or 0.05")
        ->type_name("SPEC");
}

std::vector<std::string> program_words(const CLI::App& command, const std::vector<std::string>& after_mark)
{
    std::vector<std::string> words = command.remaining();
    if (!words.empty() && words.front().starts_with('-'))
        throw CLI::ValidationError(words.front(), "no such option; what comes after -- is the program's own");
    if (!words.empty() && !after_mark.empty()) words.emplace_back("--");  // it was the program's own
    words.insert(words.end(), after_mark.begin(), after_mark.end());
    return words;
}

Expected<Prepared> prepare(const SpecOptions& options, const std::vector<std::string>& program,
                           const std::array<StreamSetup, 3>& streams, SigSet ignored)
{
    if (program.empty())
        return Failure{"no program to run: it comes after the options, as -- PROGRAM [ARGS...]"};
    if (program.front().empty()) return Failure{"the name of the program is empty", 127};
    if (!allow_open_files())
        return Failure{
            fmt::format("fewer than {} files may be open at once: raise that with ulimit -n", needed_files)};
    auto folder = host_root(options.root);
    if (!folder.ok()) return explain_root(options.root, folder.error());
    Prepared made;
    made.root = std::make_shared<RecordedView>(*folder);
    RunSpec& spec = made.spec;
    spec.root = options.root;

    Caller who = caller();
    spec.program.argv = program;
    spec.program.envp = std::move(who.environment);
    for (const std::string& entry : options.environment)
        if (auto set = set_environment(spec.program.envp, entry); !set.ok()) return set.failure();
    auto cwd = working_directory(options, who.cwd);
    if (!cwd.ok()) return cwd.failure();
    spec.program.cwd = *std::move(cwd);
    spec.program.uid = who.uid;
    spec.program.gid = who.gid;
    spec.program.groups = std::move(who.groups);
    spec.program.umask = who.umask;
    spec.program.ignored = ignored;
    spec.program.pid1 = options.pid1;
    if (!options.user.empty())
        if (auto set = set_user(*made.root, options.user, spec.program); !set.ok()) return set.failure();

    const bool random = options.seed == "random";
    const auto seed = random ? Expected<uint64_t>(fresh_random() % 1'000'000'000) : parse_seed(options.seed);
    if (!seed.ok()) return seed.failure();
    if (random) made.drawn_seed = std::to_string(*seed);
    spec.boot.seed = *seed;
    if (options.hostname.size() > longest_hostname)
        return Failure{fmt::format("--hostname takes at most {} characters", longest_hostname), usage};
    spec.boot.hostname = options.hostname;
    spec.boot.realtime_ns = first_second * 1'000'000'000;
    spec.boot.streams = streams;
    if (auto set = set_limits(options, spec); !set.ok()) return set.failure();
    if (!options.faults.empty()) {
        const auto faults = parse_faults(options.faults);
        if (!faults.ok()) return faults.failure();
        spec.faults = *faults;
    }
    spec.stop_on_unsupported = options.on_unsupported == "stop";
    return made;
}

}  // namespace norn::cli
