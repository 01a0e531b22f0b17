// Cases of several blocks: calls, loops, switches, live flags at every edge, faults in the middle,
// accesses across pages, code that rewrites itself.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "arena.h"
#include "forms.h"
#include "rng.h"
#include "x86/cpu.h"

namespace norn::fuzz {

struct ProgramCase {
    x86::Cpu cpu;
    x86::Fpu fpu;
    uint64_t start = 0;  ///< of the code
    uint64_t end = 0;
    bool can_step = true;  ///< false: it shows the trap flag to itself
};

/// Writes a program made of instances of `templates` into both copies of the arena.
ProgramCase make_program(std::span<const Template* const> templates, Arena& arena, Rng& rng);

/// One line an instruction, from the engine's copy.
std::string list_program(const ProgramCase& program, const Arena& arena);

}  // namespace norn::fuzz
