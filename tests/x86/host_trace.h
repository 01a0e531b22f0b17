// The start of a static program as the host runs it, one instruction after the other under ptrace.
//
// So that an engine can run the same: its address space is copied before the first instruction, with the
// stack on which the kernel put arguments, environment and auxiliary vector; the address of the vDSO is
// taken out of that vector on both sides. What each system call changed in memory and mappings is found by
// comparing before and after, and kept. cpuid and rdtsc are not run by the processor: the program gets what
// the engine's cpuid says (so the C library chooses the same routines), and a count as the time.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "x86/cpu.h"

namespace norn::x86::test {

struct HostPage {
    int permissions = 0;  ///< as FlatMemory has them
    std::array<uint8_t, 4096> bytes{};
};
using HostImage = std::map<uint64_t, HostPage>;

/// What a system call did to memory.
struct KernelWork {
    struct Bytes {
        uint64_t va = 0;
        std::vector<uint8_t> bytes;
    };
    std::vector<uint64_t> unmapped;
    HostImage mapped;
    std::map<uint64_t, int> permissions;
    std::vector<Bytes> written;
};

/// The state behind an instruction.
struct HostStep {
    Cpu cpu;
    uint64_t fpu_digest = 0;
};

struct HostTrace {
    std::string refused;  ///< why there is none
    Cpu cpu;              ///< before the first instruction
    Fpu fpu;
    HostImage image;
    std::vector<HostStep> steps;
    std::map<size_t, KernelWork> calls;  ///< by the number of the instruction, from 0
    HostImage end;
};

HostTrace trace_host(const std::string& program, size_t steps);

uint64_t fpu_digest(Fpu fpu);
/// What rdtsc says as instruction `number`.
constexpr uint64_t told_time(size_t number)
{
    return 1'000'000 + 3 * number;
}

}  // namespace norn::x86::test
