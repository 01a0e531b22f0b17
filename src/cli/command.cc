#include "cli/command.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "host/caller.h"

namespace norn::cli {

void say(std::string_view line)
{
    write_text(stderr, fmt::format("norn: {}\n", line));
}

int fail(const Failure& failure)
{
    say(failure.text);
    return failure.status;
}

void print_json(const nlohmann::json& line)
{
    print("{}\n", line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

bool colour(int fd)
{
    const char* no = std::getenv("NO_COLOR");
    return is_terminal(fd) && !(no && *no);
}

namespace {
struct Unit {
    std::string_view name;
    double factor;
};

/// A number and a unit, as a whole number of the smallest unit.
Expected<uint64_t> parse_measure(std::string_view text, std::span<const Unit> units, std::string_view what)
{
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    for (const Unit& known : units) {
        if (error != std::errc() || unit != known.name || !(number >= 0)) continue;
        const double value = number * known.factor;
        if (value < 1e18) return static_cast<uint64_t>(std::llround(value));
        return Failure{fmt::format("'{}' is more than Norn can count", text), usage};
    }
    return Failure{fmt::format("'{}' is not {}", text, what), usage};
}
}  // namespace

Expected<uint64_t> parse_duration(std::string_view text)
{
    static constexpr Unit units[] = {{"", 1e9}, {"s", 1e9},  {"ms", 1e6},   {"us", 1e3},
                                     {"ns", 1}, {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9}};
    return parse_measure(text, units, "a time such as 1.5s, 200ms or 2m");
}

Expected<uint64_t> parse_size(std::string_view text)
{
    static constexpr Unit units[] = {
        {"", 1},          {"b", 1},         {"k", 1024.0},       {"K", 1024.0},
        {"m", 1048576.0}, {"M", 1048576.0}, {"g", 1073741824.0}, {"G", 1073741824.0}};
    return parse_measure(text, units, "a size such as 512m or 4g");
}

CLI::Validator whole_number(uint64_t least, uint64_t most)
{
    return {[=](const std::string& text) {
                uint64_t value = 0;
                const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
                const bool right = error == std::errc() && end == text.data() + text.size() && !text.empty();
                if (right && value >= least && value <= most) return std::string();
                return fmt::format("'{}' is not a whole number from {} to {}", text, least, most);
            },
            ""};
}

Expected<When> parse_when(std::string_view text)
{
    if (text == "end") return When{};
    if (text.starts_with('#')) {
        uint64_t number = 0;
        const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), number);
        if (error == std::errc() && end == text.data() + text.size()) return When{When::Kind::event, number};
        return Failure{fmt::format("'{}' is not an event's number such as #812", text), usage};
    }
    const auto time = parse_duration(text);
    if (!time.ok())
        return Failure{fmt::format("'{}' is not a moment such as 1.5s, #812 or end", text), usage};
    return When{When::Kind::time, *time};
}

Expected<RunAt> parse_run_at(std::string_view text)
{
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos) return RunAt{std::string(text), {}};
    const auto when = parse_when(text.substr(at + 1));
    if (!when.ok()) return when.failure();
    return RunAt{std::string(text.substr(0, at)), *when};
}

Expected<Replay> open_replay(std::string_view which)
{
    const auto store = RunStore::of_user();
    if (!store.ok()) return store.failure();
    auto saved = store->load(which);
    if (!saved.ok()) return saved.failure();
    auto run = Run::repeat(saved->spec, saved->root, saved->recording);
    if (!run.ok()) return run.failure();
    return Replay{*std::move(saved), *std::move(run)};
}

namespace {
/// Notes how far the machine was when an event came.
class FindEvent : public Events {
  public:
    explicit FindEvent(uint64_t number) : left_(number) {}
    void event(const Machine& machine, const Event& /*event*/) override
    {
        if (retired == never && left_-- == 0) retired = machine.state.retired;
    }
    uint64_t retired = never;

  private:
    uint64_t left_;
};

/// The instruction count at an event; the end if there are not so many.
Expected<uint64_t> moment_of_event(const Replay& replay, uint64_t number)
{
    auto run = Run::repeat(replay.saved.spec, replay.saved.root, replay.saved.recording);
    if (!run.ok()) return run.failure();
    FindEvent finder(number);
    NoOutside nothing;
    run->go({}, nothing, &finder);
    return finder.retired;
}
}  // namespace

Expected<> replay_until(Replay& replay, const When& when, Outside& outside, Events* events)
{
    // Those that did not end of themselves are over where they were stopped.
    Until until;
    const Ending ending = replay.saved.info.result.ending;
    if (ending == Ending::none || ending == Ending::given_up || ending == Ending::host_memory)
        until.retired = replay.saved.info.result.retired;
    if (when.kind == When::Kind::time) until.now_ns = replay.run.start_ns() + when.value;
    if (when.kind == When::Kind::event) {
        const auto retired = moment_of_event(replay, when.value);
        if (!retired.ok()) return retired.failure();
        until.retired = std::min(until.retired, *retired);
    }
    if (replay.run.go(until, outside, events) != Ending::diverged) return {};
    const std::string missing = replay.saved.root->missing();
    return Failure{fmt::format("the replay left the recording: {}{}{}", replay.run.mismatch(),
                               missing.empty() ? "" : "; not recorded: ", missing)};
}

Expected<Replay> replay_at(const RunAt& where)
{
    auto replay = open_replay(where.run);
    if (!replay.ok()) return replay;
    NoOutside nothing;
    if (auto gone = replay_until(*replay, where.when, nothing); !gone.ok()) return gone.failure();
    return replay;
}

Expected<> verify(const Replay& replay)
{
    const RunResult now = replay.run.result();
    const RunResult& then = replay.saved.info.result;
    // A call that was under way then may have failed for want of the host's memory: not so here.
    if (now.hash == then.hash || then.ending == Ending::host_memory) return {};
    return Failure{
        fmt::format("the replay ended in another state: hash {} after {} instructions, recorded "
                    "{} after {}; this is a fault of Norn",
                    now.hash.hex(), now.retired, then.hash.hex(), then.retired)};
}

}  // namespace norn::cli
