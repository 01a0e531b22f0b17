// What the verifier knows about the registers at one place of a unit.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace norn::x86::verify {

/// a + b + offset, where a and b name values that are not known (0: none).
struct Linear {
    uint32_t a = 0, b = 0;
    int64_t offset = 0;

    [[nodiscard]] bool constant() const { return a == 0 && b == 0; }
    [[nodiscard]] bool same_symbols(const Linear& other) const { return a == other.a && b == other.b; }
    friend bool operator==(const Linear&, const Linear&) = default;
};

enum class Table : uint8_t { read, write };

enum class Kind : uint8_t {
    linear,         ///< `at` itself
    index,          ///< the low 20 bits of the number of `at`'s page
    tag,            ///< what `table` has as its tag there
    reach,          ///< tag + at + extra: an offset in the page exactly when all of [at, at + extra] hit
    beyond,         ///< that without the offset in a page: 0 exactly on a hit
    addend,         ///< host minus guest, from `table`, for the page of `at`
    host,           ///< addend + at + extra
    jump_index,     ///< the low 16 bits of `at`
    jump_tag,       ///< what the jump table has as its tag there
    jump_differ,    ///< jump_tag + at: 0 exactly on a hit
    link,           ///< the entry of a unit in another page, or 0
    known_link,     ///< that, and it is not 0
    bounce,         ///< the host address of a bounced operand
    fixed_tag,      ///< of the fixed `window`: 0 exactly if it is open
    window_tag,     ///< of `window`: minus twice the first address that it sees
    window_half,    ///< window_tag + at
    window_reach,   ///< window_tag + 2 * at
    window_beyond,  ///< that without its low 12 bits: 0 exactly if the window sees `at` (or 2^63 from it,
                    ///< where neither guest nor host can have memory; or it is empty and sees the host's
                    ///< lowest page)
    window_addend,  ///< of `window`: host minus guest
    window_host,    ///< window_addend + at (of a fixed one: where it begins, + at)
};

struct Value {
    Kind kind = Kind::linear;
    Table table = Table::read;
    Linear at;
    int64_t extra = 0;
    uint32_t window = 0;
    bool less_one = false;  ///< one less than that; of 52 bits, so that it is negative exactly if that is 0

    /// Whether it tells where the host keeps something.
    [[nodiscard]] bool is_host_address() const
    {
        return kind == Kind::addend || kind == Kind::host || kind == Kind::bounce ||
               kind == Kind::window_addend || kind == Kind::window_host || kind == Kind::link ||
               kind == Kind::known_link;
    }
    friend bool operator==(const Value&, const Value&) = default;
};

/// What a comparison has shown.
struct Fact {
    bool jump = false;  ///< the jump table has an entry for `at`; else the table has [at, at + last]
    Table table = Table::read;
    Linear at;
    int64_t last = 0;
    uint32_t window = 0;  ///< not 0: the window has [at, at + last]
    friend bool operator==(const Fact&, const Fact&) = default;
};

enum class Budget : uint8_t { untouched, charged, refunded };

/// Slots are known like registers: the one that holds a value between two accesses, and those of r9 to r11.
/// Behind them those for addends (Context::held), which no instruction but a plain move may touch.
constexpr size_t first_slot = 16, first_held = 20, slots = 12;

struct State {
    std::array<Value, first_slot + slots> registers;
    std::vector<Fact> facts;
    Budget budget = Budget::untouched;

    void join(const State& other, uint32_t symbol_base);
    [[nodiscard]] bool hits(Table table, const Linear& at, int64_t first, int64_t last) const;
    [[nodiscard]] bool window_hits(uint32_t window, const Linear& at, int64_t last) const;
    [[nodiscard]] bool jump_hits(const Linear& at) const;
};

/// Symbols are numbered by where they come from: 64 for each byte of a unit.
constexpr uint32_t symbols_at(uint32_t offset)
{
    return 1 + offset * 64;
}
constexpr uint32_t join_symbols = 32;

/// `scale` times the value, if that has one symbol that is not scaled itself. Scaled symbols have names of
/// their own: the factor's logarithm stands above those of all units.
std::optional<Linear> scaled_symbol(const Linear& value, int scale);

State unknown_state(uint32_t offset);

}  // namespace norn::x86::verify
