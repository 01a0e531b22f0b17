// The one door for every choice that Linux leaves open.
#pragma once

#include <array>
#include <cstdint>

namespace norn {

class Machine;

enum class ChoiceKind : uint8_t {
    next_task,     ///< which runnable task runs; 0 is the fair scheduler's own choice
    slice,         ///< for how many instructions; the value is an index into `slice_lengths`
    preempt_at,    ///< for the last of the slice lengths: after which instruction, less one, it ends
    clone_fault,   ///< 0: none, 1: EAGAIN, 2: ENOMEM
    random_bytes,  ///< 64 bits for getrandom and its like
    pid,           ///< 0: the next number; 1: the lowest that was freed
    wake,          ///< which of several waiters wakes
    short_io,      ///< how much of a read or write is done; 0: all
    calls,         ///< 0: a slice takes no heed of system calls; n: it ends before its n-th one
};

/// Kinds of choices, a bit each.
using ChoiceSet = uint32_t;
inline constexpr ChoiceSet all_choices = ~0u;
constexpr ChoiceSet choice_bit(ChoiceKind kind)
{
    return 1u << static_cast<unsigned>(kind);
}
/// What a task is asked when it leaves the processor; its other choices are counted apart.
inline constexpr ChoiceSet scheduling_choices =
    choice_bit(ChoiceKind::next_task) | choice_bit(ChoiceKind::slice) | choice_bit(ChoiceKind::preempt_at) |
    choice_bit(ChoiceKind::calls);
inline constexpr uint64_t choice_kinds = 9;

/// Lengths of slices in instructions; the first is the usual one. The last one means "ask preempt_at".
inline constexpr std::array<uint64_t, 8> slice_lengths{2'800'000, 1'400'000, 700'000, 200'000,
                                                       50'000,    10'000,    2'000,   2'800'000};

/// Options of a choice of `calls`.
inline constexpr uint64_t call_options = 9;

/// A choice, keyed so that taking another one away does not move it: (lineage of the task that asks,
/// kind, how many of this kind it asked before).
struct Choice {
    ChoiceKind kind = ChoiceKind::next_task;
    uint64_t lineage = 0;
    uint32_t ordinal = 0;
    uint64_t options = 1;  ///< the answer is below this; 0: any 64-bit value
};

/// Decides. A choice with one option is never asked.
class Decider {
  public:
    virtual ~Decider() = default;
    virtual uint64_t choose(const Machine& machine, const Choice& choice) = 0;
};

/// A stateless function of (seed, choice): the source of randomness of every seeded decider.
[[nodiscard]] uint64_t random_for(uint64_t seed, const Choice& choice);

}  // namespace norn
