// Cases of one instruction: random bytes of a form, and a state in which they do something.
#pragma once

#include "arena.h"
#include "forms.h"
#include "rng.h"
#include "x86/cpu.h"

namespace norn::fuzz {

struct SingleCase {
    Instruction instruction;
    x86::Cpu cpu;
    x86::Fpu fpu;
    uint64_t memory_address = 0;  ///< of the first memory operand
};

/// Writes the instruction and its operands into both copies of the arena.
SingleCase make_single(Instruction instruction, Arena& arena, Rng& rng);

/// True for what must not run on the host processor itself: it would leave the process, or it shows
/// the host (time, random numbers, processor level).
bool native_refuses(const Instruction& instruction);

}  // namespace norn::fuzz
