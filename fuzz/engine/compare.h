// Compares what the engine did with what the processor did, under the mask of what the manuals
// leave undefined.
#pragma once

#include <string>

#include "arena.h"
#include "forms.h"
#include "native.h"

namespace norn::fuzz {

/// By encoding order.
const char* register_name(size_t i);

/// What is not compared.
struct Mask {
    uint64_t undefined_flags = 0;
    bool either_operand_faults = false;  ///< which of two comes first is the processor's business
    bool large_operand = false;          ///< which of its bytes faults is not known
    bool memory_after_fault = false;     ///< it may have stored a part
    bool approximate = false;  ///< xmm lanes may differ by the documented bound of rcpps and rsqrtps
};

/// For one instruction with the state before it.
Mask mask_of(const Instruction& instruction, const x86::Cpu& before);

/// Brings the processor's result to the engine's conventions where those differ on purpose: stored
/// x87 pointers are zero.
void apply_conventions(const Instruction& instruction, uint64_t memory_address, const Outcome& native,
                       Arena& arena);

/// The bytes that the processor runs instead where the engine shows an older processor level.
Instruction native_form(const Instruction& instruction);

/// "" when both agree, else the first difference in words.
std::string difference(const Outcome& engine, const Outcome& native, const Arena& arena, const Mask& mask);
/// Two runs on the engine must agree in everything.
std::string difference_of_runs(const Outcome& one, const Outcome& other);
/// The state between two instructions, but for undefined flags.
std::string difference_of_steps(const Step& engine, const Step& native, uint64_t undefined_flags);

/// The mask in words, for the report.
std::string describe_masks();

}  // namespace norn::fuzz
