// Random processor states, biased to values at which instructions change what they do.
#pragma once

#include "rng.h"
#include "x86/cpu.h"

namespace norn::fuzz {

uint64_t random_word(Rng& rng);
x86::Cpu random_cpu(Rng& rng);
x86::Fpu random_fpu(Rng& rng);
/// A valid MXCSR.
uint32_t random_mxcsr(Rng& rng);

}  // namespace norn::fuzz
