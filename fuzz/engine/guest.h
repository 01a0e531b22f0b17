// Runs a case on the engine.
#pragma once

#include "arena.h"
#include "native.h"
#include "rng.h"
#include "x86/engine.h"

namespace norn::fuzz {

/// How to cut a run into slices; the outcome must not depend on it.
struct Slices {
    uint64_t largest = 0;  ///< each slice is 1..largest instructions; 0: one slice
    uint64_t seed = 0;
};

/// More instructions than any case that ends can retire.
inline constexpr uint64_t instruction_limit = 20'000;

/// Runs to an exit stub or an exception. `outcome.timed_out` when it does not end.
Outcome run_guest(x86::Engine& engine, Arena& arena, const x86::Cpu& cpu, const x86::Fpu& fpu,
                  const Slices& slices = {});

}  // namespace norn::fuzz
