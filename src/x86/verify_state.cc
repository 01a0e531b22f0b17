#include "x86/verify_state.h"

#include <algorithm>
#include <bit>

namespace norn::x86::verify {

void State::join(const State& other, uint32_t symbol_base)
{
    for (uint32_t i = 0; i < registers.size(); ++i) {
        if (registers[i] == other.registers[i]) continue;
        registers[i] = {};
        registers[i].at.a = symbol_base + i;
    }
    std::erase_if(facts, [&other](const Fact& fact) {
        return std::find(other.facts.begin(), other.facts.end(), fact) == other.facts.end();
    });
    if (budget != other.budget) budget = Budget::untouched;  // and then no way out is good
}

bool State::hits(Table table, const Linear& at, int64_t first, int64_t last) const
{
    return std::any_of(facts.begin(), facts.end(), [&](const Fact& fact) {
        if (fact.jump || fact.window || fact.table != table || !fact.at.same_symbols(at)) return false;
        // The addend was looked up for the page of `at`, so `at` itself must be in what was compared.
        const int64_t from = at.offset - fact.at.offset;
        return from >= 0 && from <= fact.last && from + first >= 0 && from + last <= fact.last;
    });
}

bool State::window_hits(uint32_t window, const Linear& at, int64_t last) const
{
    return std::any_of(facts.begin(), facts.end(), [&](const Fact& fact) {
        const int64_t from = at.offset - fact.at.offset;
        return fact.window == window && fact.at.same_symbols(at) && from >= 0 && from + last <= fact.last;
    });
}

bool State::jump_hits(const Linear& at) const
{
    return std::any_of(facts.begin(), facts.end(),
                       [&](const Fact& fact) { return fact.jump && fact.at == at; });
}

std::optional<Linear> scaled_symbol(const Linear& value, int scale)
{
    constexpr int factor_at = 28;
    if (value.b != 0 || value.a >> factor_at != 0) return std::nullopt;
    const auto factor = static_cast<uint32_t>(std::countr_zero(static_cast<uint32_t>(scale)));
    const auto offset = static_cast<int64_t>(static_cast<uint64_t>(value.offset) << factor);
    return Linear{value.a == 0 ? 0 : value.a | factor << factor_at, 0, offset};
}

State unknown_state(uint32_t offset)
{
    State state;
    for (uint32_t i = 0; i < state.registers.size(); ++i) {
        state.registers[i].at.a = symbols_at(offset) + join_symbols + i;
    }
    return state;
}

}  // namespace norn::x86::verify
