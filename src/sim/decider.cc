// Randomness is a stateless function of the seed and a choice's key, so taking one choice away does not
// move the others.
#include "sim/decider.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <vector>

#include "kernel/sched.h"

namespace norn {

namespace {
constexpr uint32_t million = 1'000'000;

// The finaliser of splitmix64: every bit of the input reaches every bit of the output.
constexpr uint64_t mix(uint64_t x)
{
    x += 0x9e37'79b9'7f4a'7c15;
    x = (x ^ x >> 30) * 0xbf58'476d'1ce4'e5b9;
    x = (x ^ x >> 27) * 0x94d0'49bb'1331'11eb;
    return x ^ x >> 31;
}

uint64_t below(uint64_t random, uint64_t options)
{
    return options == 0 ? random : random % options;
}

// Magnitude first, then a value of that magnitude: the first instructions of a slice are as likely
// as the many later ones together.
uint64_t any_magnitude(uint64_t random, uint64_t options)
{
    const unsigned bits = static_cast<unsigned>(std::bit_width(options - 1));
    const uint64_t top = 1ull << (random >> 58) % (bits + 1);
    return below(mix(random), top < options ? top : options);
}
}  // namespace

uint64_t random_for(uint64_t seed, const Choice& choice)
{
    const uint64_t key = mix(choice.lineage ^ static_cast<uint64_t>(choice.kind) << 56) + choice.ordinal;
    return mix(mix(seed) ^ mix(key));
}

uint64_t SeededDecider::choose(const Machine& /*machine*/, const Choice& choice)
{
    const uint64_t random = random_for(seed_, choice);
    switch (choice.kind) {
        case ChoiceKind::slice: {
            // One of the shorter ones; now and then the last, which asks for an exact instruction: else two
            // tasks could hand a lock to and fro in step for ever, each always too late.
            const uint64_t lengths = choice.options - 1;
            if (random % 16 == 0) return lengths;
            return lengths / 2 + mix(random) % (lengths - lengths / 2);
        }
        case ChoiceKind::random_bytes:
            return below(random, choice.options);
        case ChoiceKind::next_task:
            return random % 16 == 0 ? below(mix(random), choice.options) : 0;
        case ChoiceKind::preempt_at:
            return choice.options > 1 ? any_magnitude(random, choice.options) : 0;
        case ChoiceKind::clone_fault:
        case ChoiceKind::pid:
        case ChoiceKind::wake:
        case ChoiceKind::short_io:
        case ChoiceKind::calls:
            return 0;
    }
    return 0;
}

RandomWalk::RandomWalk(uint64_t seed)
    : seed_(seed),
      strategy_(static_cast<Strategy>(mix(~seed) % strategy_count)),
      order_(static_cast<Order>(mix(~seed) / strategy_count % order_count)),
      reach_(8ull << mix(mix(~seed)) % 8)
{
}

/// Any of those that come first in this run's order; but nobody is kept out for good, since others may just
/// look time and again whether he got further, or wait for memory that he is to give back.
uint64_t RandomWalk::next_task(const Machine& m, uint64_t random, uint64_t options) const
{
    constexpr uint32_t most_ordered = 32;
    constexpr uint64_t longest_wait_ns = 500'000;
    const uint64_t any = below(random, options);
    if (order_ == Order::any || m.state.limits.cpus > 1) return any;
    const std::vector<TaskId> tasks = runnable_tasks(m, most_ordered);
    if (tasks.size() != options) return any;
    const auto waited_long = [&](TaskId task) { return m.state.now_ns > m[task].ready_ns + longest_wait_ns; };
    const bool parents_first = order_ == Order::parents_first;
    const bool by_wait = std::any_of(tasks.begin(), tasks.end(), waited_long);
    const auto comes_first = [&](TaskId task) {
        return by_wait ? waited_long(task) : (m[task].clone_ordinal > 0) == parents_first;
    };
    const auto count = static_cast<uint64_t>(std::count_if(tasks.begin(), tasks.end(), comes_first));
    if (count == 0) return any;
    uint64_t left = random % count;
    for (uint64_t n = 0; n < options; ++n)
        if (comes_first(tasks[n]) && left-- == 0) return n;
    return any;
}

// A race needs somebody who is stopped at the wrong moment, and somebody else who gets far meanwhile. So a
// slice is either cut or as long as it can be.
bool RandomWalk::cuts_at_instruction(uint64_t random, const Choice& choice) const
{
    // Short slices end at last, so that a run with many of them does.
    constexpr uint32_t most_short_choices = 6000;
    switch (strategy_) {
        case Strategy::instructions:
            return random % 2 == 0;
        case Strategy::short_slices:
            return choice.ordinal < most_short_choices;
        case Strategy::both:
            return random % 4 == 0;
        case Strategy::calls:
        case Strategy::few_calls:
            return false;
    }
    return false;
}

/// 0: not cut by system calls.
uint64_t RandomWalk::cut_before_call(uint64_t random, uint64_t options) const
{
    constexpr uint64_t near = 3;
    const uint64_t one_of_near = 1 + mix(random) % near;
    switch (strategy_) {
        case Strategy::calls:
            return random % 4 == 0 ? 0 : one_of_near;
        case Strategy::few_calls:
            return random % 8 == 0 ? 1 + below(mix(random), options - 1) : 0;
        case Strategy::both:
            return random % 2 == 0 ? 0 : one_of_near;
        case Strategy::instructions:
        case Strategy::short_slices:
            return 0;
    }
    return 0;
}

uint64_t RandomWalk::choose(const Machine& machine, const Choice& choice)
{
    const uint64_t random = random_for(seed_, choice);
    switch (choice.kind) {
        case ChoiceKind::slice:
            return cuts_at_instruction(random, choice) ? choice.options - 1 : 0;
        case ChoiceKind::next_task:
            return next_task(machine, random, choice.options);
        case ChoiceKind::wake:
        case ChoiceKind::random_bytes:
            return below(random, choice.options);
        case ChoiceKind::preempt_at:
            return strategy_ == Strategy::short_slices ? below(random, std::min(reach_, choice.options))
                                                       : any_magnitude(random, choice.options);
        case ChoiceKind::calls:
            return std::min(cut_before_call(random, choice.options), choice.options - 1);
        case ChoiceKind::clone_fault:
        case ChoiceKind::pid:
        case ChoiceKind::short_io:
            return 0;
    }
    return 0;
}

uint64_t FaultDecider::choose(const Machine& machine, const Choice& choice)
{
    uint32_t rate = 0;
    if (choice.kind == ChoiceKind::clone_fault) rate = rates_.fork;
    if (choice.kind == ChoiceKind::short_io) rate = rates_.short_io;
    const uint64_t random = mix(random_for(seed_, choice));
    if (choice.options < 2 || random % million >= rate) return inner_.choose(machine, choice);
    return 1 + mix(random) % (choice.options - 1);
}

namespace {
// "5%", "0.05" or nothing (10%).
Expected<uint32_t> parse_rate(std::string_view text)
{
    if (text.empty()) return million / 10;
    const bool percent = text.back() == '%';
    if (percent) text.remove_suffix(1);
    double rate = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rate);
    if (percent) rate /= 100;
    if (error != std::errc() || end != text.data() + text.size() || !(rate >= 0 && rate <= 1))
        return Failure{"a rate of faults is a number from 0 to 1 or a percentage"};
    return static_cast<uint32_t>(std::lround(rate * million));
}
}  // namespace

Expected<FaultRates> parse_faults(std::string_view text)
{
    FaultRates rates;
    while (!text.empty()) {
        const std::string_view one = text.substr(0, text.find(','));
        text.remove_prefix(one.size() < text.size() ? one.size() + 1 : one.size());
        const std::size_t equals = one.find('=');
        const std::string_view kind = one.substr(0, equals);
        const auto rate = parse_rate(equals == std::string_view::npos ? "" : one.substr(equals + 1));
        if (!rate.ok()) return rate.failure();
        if (kind == "fork")
            rates.fork = *rate;
        else if (kind == "short-io")
            rates.short_io = *rate;
        else
            return Failure{"no fault is called '" + std::string(kind) + "'; there are fork and short-io"};
    }
    return rates;
}

}  // namespace norn
