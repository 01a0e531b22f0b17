#include "x86/verify_decode.h"

#include <cstdlib>
#include <cstring>

namespace norn::x86::verify {

namespace {

constexpr size_t max_instruction = 15;

/// The number at the end of an instruction that stands in units again and again, each time with another.
struct Number {
    uint8_t at = 0;  ///< bytes before it; 0: it is none of these
    uint8_t size = 0;
    bool distance = false;  ///< from the instruction's end
};

Number number_of(const uint8_t* code)
{
    constexpr uint8_t mov_ecx = 0xb9, mov_r15 = 0xbf, jmp = 0xe9, jmp_short = 0xeb, jrcxz = 0xe3;
    if (code[0] == mov_ecx) return {1, 4, false};
    if (code[0] == 0x41 && code[1] == mov_r15) return {2, 4, false};
    if (code[0] == 0x49 && code[1] == mov_r15) return {2, 8, false};
    if (code[0] == jmp) return {1, 4, true};
    if (code[0] == 0x0f && (code[1] & 0xf0) == 0x80) return {2, 4, true};  // jcc
    if (code[0] == jmp_short || code[0] == jrcxz || (code[0] & 0xf0) == 0x70) return {1, 1, true};
    return {};
}

size_t index_of(const uint8_t* code, const Number& number, int bits)
{
    constexpr uint64_t spread = 0x9e37'79b9'7f4a'7c15;
    constexpr uint8_t context_access = 0x65;  // told apart by their last bytes
    const size_t bytes = number.at != 0 ? number.at : code[0] == context_access ? 8 : 5;
    uint64_t word = 0;
    std::memcpy(&word, code, bytes);
    return word * spread >> (64 - bits);
}

void put_number(cs_insn& insn, const uint8_t* code, const Number& number)
{
    int64_t value = 0;
    std::memcpy(&value, code + number.at, number.size);
    const int unused = 64 - 8 * number.size;
    value = static_cast<int64_t>(static_cast<uint64_t>(value) << unused) >> unused;
    cs_x86_op* operands = insn.detail->x86.operands;
    if (number.distance)
        operands[0].imm = static_cast<int64_t>(insn.address) + insn.size + value;
    else
        operands[1].imm = value;
    std::memcpy(insn.bytes, code, insn.size);
}

}  // namespace

InstructionReader::InstructionReader()
{
    if (cs_open(CS_ARCH_X86, CS_MODE_64, &handle_) != CS_ERR_OK) std::abort();
    cs_option(handle_, CS_OPT_DETAIL, CS_OPT_ON);
    scratch_ = cs_malloc(handle_);
}

InstructionReader::~InstructionReader()
{
    for (cs_insn* insn : known_)
        if (insn != nullptr) cs_free(insn, 1);
    cs_free(scratch_, 1);
    cs_close(&handle_);
}

const cs_insn* InstructionReader::decode_into(cs_insn* insn, const uint8_t* code, size_t left)
{
    auto address = reinterpret_cast<uint64_t>(code);
    return cs_disasm_iter(handle_, &code, &left, &address, insn) ? insn : nullptr;
}

/// An instruction is known by its bytes alone, since a decoder reads no further than its end.
const cs_insn* InstructionReader::read(const uint8_t* code, size_t left)
{
    if (left < max_instruction) return decode_into(scratch_, code, left);
    const Number number = number_of(code);
    cs_insn*& known = known_[index_of(code, number, index_bits)];
    if (known != nullptr && std::memcmp(known->bytes, code, number.at != 0 ? number.at : known->size) == 0) {
        known->address = reinterpret_cast<uint64_t>(code);
        if (number.at != 0) put_number(*known, code, number);
        return known;
    }
    if (known == nullptr) known = cs_malloc(handle_);
    const cs_insn* insn = decode_into(known, code, left);
    if (insn != nullptr) return insn;
    cs_free(known, 1);
    known = nullptr;
    return nullptr;
}

}  // namespace norn::x86::verify
