#include "guest.h"

#include <algorithm>

namespace norn::fuzz {

Outcome run_guest(x86::Engine& engine, Arena& arena, const x86::Cpu& cpu, const x86::Fpu& fpu,
                  const Slices& slices)
{
    constexpr uint32_t error_fetch = 16;
    Outcome out;
    out.cpu = cpu;
    out.fpu = fpu;
    engine.recheck_code();
    Rng rng(slices.seed, 0);
    x86::Exit exit;
    do {
        const uint64_t left = instruction_limit - out.retired;
        const uint64_t slice = slices.largest == 0 ? left : std::min(left, 1 + rng.below(slices.largest));
        exit = engine.run(out.cpu, out.fpu, arena, slice);
        out.retired += exit.retired;
    } while (exit.kind == x86::ExitKind::budget && out.retired < instruction_limit);

    out.timed_out = exit.kind == x86::ExitKind::budget;
    const bool fetch = exit.vector == x86::Vector::page_fault && (exit.error & error_fetch) != 0;
    out.faulted = !(exit.kind == x86::ExitKind::fault && fetch && is_exit(out.cpu.rip));
    out.unknown =
        exit.unknown_instruction || exit.kind == x86::ExitKind::syscall || exit.kind == x86::ExitKind::rdtsc;
    out.vector = exit.vector;
    out.error = exit.error;
    out.address = exit.address;
    return out;
}

}  // namespace norn::fuzz
