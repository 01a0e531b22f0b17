// Every instruction form of the legacy encodings, found by trying all opcodes with the decoder, and
// random instances of them.
#pragma once

#include <Zydis/Zydis.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rng.h"

namespace norn::fuzz {

inline constexpr size_t max_instruction = 15;

/// One decoded instruction with the bytes that it came from.
struct Instruction {
    std::array<uint8_t, max_instruction> bytes{};
    ZydisDecodedInstruction info{};
    std::array<ZydisDecodedOperand, ZYDIS_MAX_OPERAND_COUNT> operands{};

    [[nodiscard]] std::span<const uint8_t> code() const { return {bytes.data(), info.length}; }
    [[nodiscard]] std::span<const ZydisDecodedOperand> all_operands() const
    {
        return {operands.data(), info.operand_count};
    }
};

/// Decodes the first instruction in `bytes`.
std::optional<Instruction> decode(std::span<const uint8_t> bytes);

/// Mnemonic, prefixes and operand kinds, as in "lock add m32, r32".
std::string form_name(const Instruction& instruction);
/// The same as a number, for counting; equal names have equal keys.
uint64_t form_key(const Instruction& instruction);
std::string disassemble(const Instruction& instruction, uint64_t rip);

enum class OpcodeMap : uint8_t { one_byte, two_byte, three_byte_38, three_byte_3a };

/// What the encodings of a form have in common; the rest of an instruction is free.
struct Template {
    OpcodeMap map = OpcodeMap::one_byte;
    uint8_t opcode = 0;
    uint8_t mandatory_prefix = 0;  ///< 0x66, 0xf2, 0xf3 or none
    bool rex_w = false;
    bool has_modrm = false;
    bool memory = false;
    uint8_t reg = 0;
    int8_t rm = -1;  ///< register forms where rm selects the instruction
};

/// Limits for an instance. Registers are general ones, in encoding order.
struct Shape {
    bool odd_prefixes = true;  ///< segment, address-size, lock, repeat and useless prefixes
    int memory_base = -1;      ///< ≥ 0: the base of a memory operand, with a small displacement
    int memory_index = -1;     ///< ≥ 0 with `memory_base`: may be the index
};

class Forms {
  public:
    /// All valid templates.
    static std::vector<Template> all();
    /// A random instance; none where the free parts happen to make it invalid.
    static std::optional<Instruction> instance(const Template& form, Rng& rng, const Shape& shape);
};

}  // namespace norn::fuzz
