// The verifier's own tables: which opcodes may stand in a unit, how far they reach, which slots they may
// name. Written from the manuals, not from the translator's tables.
#pragma once

#include <capstone/capstone.h>

#include <cstdint>

namespace norn::x86::verify {

/// The opcode of an instruction: its map (0: one byte, 1: 0F, 2: 0F38, 3: 0F3A) and last byte.
struct Opcode {
    uint8_t map = 0;
    uint8_t byte = 0;
    bool vex = false;
    bool operand16 = false, address32 = false, rep = false, repne = false, lock = false;
};
Opcode opcode_of(const cs_insn& insn);

bool is_allowed(const cs_insn& insn);
/// Bytes that a memory operand covers; 0: not known.
unsigned access_size(const cs_insn& insn, const cs_x86_op& operand);
/// Whether the memory operand is stored to. Capstone 4 is wrong about many forms, so it is not asked.
bool writes_memory(const cs_insn& insn);

/// Whether the first operand, a register, gets a value in which nothing of its old one is left.
bool replaces_register(const cs_insn& insn);

/// Whether the first operand is not written.
bool only_reads_first(const cs_insn& insn);

/// Whether the instruction may write rax, rcx or rdx although its operands do not name them.
bool writes_unnamed(const cs_insn& insn);

/// Encoding number of the general register that `reg` is a part of, or -1.
int register_index(x86_reg reg);

/// The number of the slot for an addend at `offset`; -1: there is none.
int held_slot(int64_t offset);

bool is_read_slot(int64_t offset, unsigned size, bool bounced);
bool is_written_slot(int64_t offset, unsigned size);

}  // namespace norn::x86::verify
