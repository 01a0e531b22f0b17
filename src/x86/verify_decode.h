// Decodes a unit's instructions for the verifier, one after the other. The decoder prints a text with every
// instruction, which takes most of its time, and units are made of few different ones: what was decoded once
// is known by its bytes from then on.
#pragma once

#include <capstone/capstone.h>

#include <array>
#include <cstdint>

namespace norn::x86::verify {

class InstructionReader {
  public:
    InstructionReader();
    ~InstructionReader();
    InstructionReader(const InstructionReader&) = delete;
    InstructionReader& operator=(const InstructionReader&) = delete;

    [[nodiscard]] csh handle() const { return handle_; }
    /// The instruction at `code`, good until the next one is read; nullptr: there is none in `left` bytes.
    /// Its text is not to be relied on.
    const cs_insn* read(const uint8_t* code, size_t left);
    /// The same, text included.
    const cs_insn* decode(const uint8_t* code, size_t left) { return decode_into(scratch_, code, left); }

  private:
    static constexpr int index_bits = 12;

    const cs_insn* decode_into(cs_insn* insn, const uint8_t* code, size_t left);

    csh handle_ = 0;
    cs_insn* scratch_ = nullptr;
    std::array<cs_insn*, 1 << index_bits> known_{};  ///< by a hash of their first bytes
};

}  // namespace norn::x86::verify
