// Runs guest bytes on the host processor, at their own addresses in this very process. State is
// loaded by a trampoline (native_entry.S); code ends in a stub that saves it, or in a signal.
#pragma once

#include <signal.h>

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "x86/cpu.h"

namespace norn::fuzz {

/// How a run ended: at an exit stub (`cpu.rip` says which) or with an exception.
struct Outcome {
    x86::Cpu cpu;
    x86::Fpu fpu;
    bool faulted = false;
    bool unknown = false;    ///< the engine does not have this instruction
    bool timed_out = false;  ///< did not end
    x86::Vector vector = x86::Vector::divide;
    uint32_t error = 0;
    uint64_t address = 0;
    uint64_t retired = 0;
};

/// The state between two instructions.
struct Step {
    x86::Cpu cpu;
    x86::Fpu fpu;
};

class Native {
  public:
    static constexpr size_t signal_count = 7;

    /// Installs the signal handlers; those found there go on to serve everything else, and come back.
    Native();
    ~Native();
    Native(const Native&) = delete;
    Native& operator=(const Native&) = delete;

    Outcome run(const x86::Cpu& cpu, const x86::Fpu& fpu);
    /// The same, one instruction at a time: `retired` is known, and `trace` gets the state at each
    /// instruction boundary after the first.
    Outcome run_stepping(const x86::Cpu& cpu, const x86::Fpu& fpu, std::vector<Step>& trace);

    /// Called before this process dies of a signal that is nobody's.
    static void on_death(std::function<void()> callback);

  private:
    Outcome enter(const x86::Cpu& cpu, const x86::Fpu& fpu, bool stepping);

    std::array<struct sigaction, signal_count> previous_;
};

/// Makes an image as the engine shows it: no instruction and data pointers, no reserved bytes, the
/// MXCSR_MASK of every processor with DAZ.
void normalize(x86::Fpu& fpu);

}  // namespace norn::fuzz
