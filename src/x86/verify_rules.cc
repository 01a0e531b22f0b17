#include "x86/verify_rules.h"

#include <array>

#include "x86/context.h"
#include "x86/cpu.h"

namespace norn::x86::verify {

namespace {

constexpr bool in(unsigned value, unsigned first, unsigned last)
{
    return value >= first && value <= last;
}

bool is_register_form(const cs_insn& insn)
{
    return (insn.detail->x86.modrm >> 6) == 3;
}
unsigned extension(const cs_insn& insn)
{
    return insn.detail->x86.modrm >> 3 & 7;
}

bool allowed_x87(const cs_insn& insn, unsigned byte)
{
    // fnstenv and fnsave show host addresses.
    const bool stores_environment = (byte == 0xd9 || byte == 0xdd) && extension(insn) == 6;
    return is_register_form(insn) || !stores_environment;
}

bool allowed_one_byte(const cs_insn& insn, unsigned byte)
{
    if (byte < 0x40) return (byte & 7) < 6;         // add … cmp
    if (in(byte, 0x70, 0x8b)) return byte != 0x82;  // jcc, add … cmp, test, xchg, mov
    if (in(byte, 0x90, 0x9f))
        return byte != 0x9a && !in(byte, 0x9c, 0x9d);  // xchg, cbw, cwd, fwait, sahf, lahf
    if (in(byte, 0xb0, 0xc1)) return true;             // mov, shifts
    if (in(byte, 0xd8, 0xdf)) return allowed_x87(insn, byte);
    switch (byte) {
        case 0x63:  // movsxd
        case 0x69:
        case 0x6b:  // imul
        case 0x8d:  // lea
        case 0xa8:
        case 0xa9:  // test
        case 0xd0:
        case 0xd1:
        case 0xd2:
        case 0xd3:  // shifts
        case 0xe3:  // jrcxz
        case 0xe9:
        case 0xeb:  // jmp
        case 0xf5:
        case 0xf6:
        case 0xf7:
        case 0xf8:
        case 0xf9:
            return true;  // cmc, test … idiv, clc, stc
        case 0xc6:
        case 0xc7:
            return extension(insn) == 0;  // mov
        case 0xfe:
            return extension(insn) < 2;  // inc, dec
        case 0xff:
            return extension(insn) < 2 || extension(insn) == 4;  // and jmp
        default:
            return false;
    }
}

bool allowed_two_byte(const cs_insn& insn, unsigned byte)
{
    if (in(byte, 0x10, 0x17) || in(byte, 0x28, 0x2f) || in(byte, 0x40, 0x77)) return true;  // SSE, cmovcc
    if (in(byte, 0x7c, 0xa0 - 1)) return true;                                              // SSE, jcc, setcc
    if (in(byte, 0xc0, 0xc6) || in(byte, 0xc8, 0xcf)) return true;  // xadd, SSE, bswap
    if (in(byte, 0xd0, 0xfe)) return byte != 0xf7;                  // MMX, SSE
    switch (byte) {
        case 0xa3:
        case 0xab:
        case 0xb3:
        case 0xbb:
            return is_register_form(insn);  // bt …: a bit number in a register reaches anywhere
        case 0xa4:
        case 0xa5:
        case 0xac:
        case 0xad:  // shld, shrd
        case 0xaf:
        case 0xb0:
        case 0xb1:  // imul, cmpxchg
        case 0xb6:
        case 0xb7:
        case 0xb8:
        case 0xba:  // movzx, popcnt, bt … with a constant
        case 0xbc:
        case 0xbd:
        case 0xbe:
        case 0xbf:
            return true;  // bsf, bsr, movsx
        case 0xae:        // ldmxcsr, stmxcsr, clflush, fences
            return is_register_form(insn) ? extension(insn) >= 5 && !opcode_of(insn).rep
                                          : in(extension(insn), 2, 3) || extension(insn) == 7;
        default:
            return false;
    }
}

bool allowed_three_byte(const Opcode& opcode)
{
    const unsigned byte = opcode.byte;
    if (opcode.map == 2) {
        return in(byte, 0x00, 0x0b) || byte == 0x10 || in(byte, 0x14, 0x15) || byte == 0x17 ||
               in(byte, 0x1c, 0x1e) || in(byte, 0x20, 0x25) || in(byte, 0x28, 0x2b) || in(byte, 0x30, 0x35) ||
               in(byte, 0x37, 0x41) || (in(byte, 0xf0, 0xf1) && opcode.repne) ||
               (byte == 0xf6 && opcode.operand16);  // adcx
    }
    return in(byte, 0x08, 0x0f) || in(byte, 0x14, 0x17) || in(byte, 0x20, 0x22) || in(byte, 0x40, 0x42) ||
           in(byte, 0x60, 0x63);
}

bool writes_one_byte(unsigned byte, unsigned reg)
{
    if (byte < 0x40) return (byte & 7) < 2 && byte < 0x38;  // all but cmp
    if (in(byte, 0xd0, 0xd3)) return true;
    switch (byte) {
        case 0x80:
        case 0x81:
        case 0x83:
            return reg != 7;
        case 0x86:
        case 0x87:
        case 0x88:
        case 0x89:
        case 0xc0:
        case 0xc1:
        case 0xc6:
        case 0xc7:
            return true;
        case 0xf6:
        case 0xf7:
            return in(reg, 2, 3);  // not, neg
        case 0xfe:
        case 0xff:
            return reg < 2;
        case 0xd9:
            return in(reg, 2, 3) || reg > 5;
        case 0xdb:
        case 0xdd:
        case 0xdf:
            return in(reg, 1, 3) || reg > 5;
        default:
            return false;
    }
}

bool writes_two_byte(const Opcode& opcode, unsigned reg)
{
    if (in(opcode.byte, 0x90, 0x9f)) return true;  // setcc
    switch (opcode.byte) {
        case 0x11:
        case 0x13:
        case 0x17:
        case 0x29:
        case 0x2b:
        case 0x7f:
        case 0xd6:
        case 0xe7:  // SSE and MMX stores
        case 0xa4:
        case 0xa5:
        case 0xac:
        case 0xad:  // shld, shrd
        case 0xb0:
        case 0xb1:
        case 0xc0:
        case 0xc1:
        case 0xc3:
            return true;  // cmpxchg, xadd, movnti
        case 0x7e:
            return !opcode.rep;  // movd; movq the other way
        case 0xba:
            return reg > 4;  // all but bt
        case 0xae:
            return reg == 3;  // stmxcsr
        default:
            return false;
    }
}

}  // namespace

Opcode opcode_of(const cs_insn& insn)
{
    Opcode out;
    unsigned i = 0;
    for (bool prefix = true; prefix && i < insn.size; i += prefix) {
        switch (insn.bytes[i]) {
            case 0x66:
                out.operand16 = true;
                break;
            case 0x67:
                out.address32 = true;
                break;
            case 0xf0:
                out.lock = true;
                break;
            case 0xf2:
                out.repne = true;
                break;
            case 0xf3:
                out.rep = true;
                break;
            case 0x26:
            case 0x2e:
            case 0x36:
            case 0x3e:
            case 0x64:
            case 0x65:
                break;
            default:
                prefix = false;
        }
    }
    if (i < insn.size && (insn.bytes[i] & 0xf0) == 0x40) ++i;  // REX
    const auto byte_at = [&insn](unsigned at) { return at < insn.size ? insn.bytes[at] : uint8_t{0}; };
    out.vex = byte_at(i) == 0xc4 || byte_at(i) == 0xc5 || byte_at(i) == 0x62;
    out.byte = byte_at(i);
    if (out.byte != 0x0f) return out;
    out.map = byte_at(i + 1) == 0x38 ? 2 : byte_at(i + 1) == 0x3a ? 3 : 1;
    out.byte = byte_at(out.map == 1 ? i + 1 : i + 2);
    return out;
}

bool is_allowed(const cs_insn& insn)
{
    const Opcode opcode = opcode_of(insn);
    if (opcode.address32) return false;
    if (opcode.vex) return insn.id == X86_INS_SHRX || insn.id == X86_INS_RORX;
    switch (opcode.map) {
        case 0:
            return allowed_one_byte(insn, opcode.byte);
        case 1:
            return allowed_two_byte(insn, opcode.byte);
        default:
            return allowed_three_byte(opcode);
    }
}

unsigned access_size(const cs_insn& insn, const cs_x86_op& operand)
{
    const Opcode opcode = opcode_of(insn);
    const unsigned mmx = 4, x87_state = 108, status_word = 2;
    if (opcode.map == 1 && in(opcode.byte, 0x2e, 0x2f)) return opcode.operand16 ? 8 : 4;  // comiss, comisd
    if (opcode.map == 1 && in(opcode.byte, 0x60, 0x62) && !opcode.operand16) return mmx;  // punpckl of mm
    if (opcode.map == 0 && opcode.byte == 0xdd && extension(insn) == 4) return x87_state;
    if (opcode.map == 0 && opcode.byte == 0xdd && extension(insn) == 7) return status_word;
    return operand.size;
}

bool writes_memory(const cs_insn& insn)
{
    const Opcode opcode = opcode_of(insn);
    switch (opcode.map) {
        case 0:
            return writes_one_byte(opcode.byte, extension(insn));
        case 1:
            return writes_two_byte(opcode, extension(insn));
        case 3:
            return in(opcode.byte, 0x14, 0x17);  // pextr, extractps
        default:
            return false;
    }
}

bool replaces_register(const cs_insn& insn)
{
    if (insn.detail->x86.operands[0].size < 4) return false;
    const Opcode opcode = opcode_of(insn);
    const unsigned byte = opcode.byte;
    if (opcode.vex) return true;  // shrx, rorx
    switch (opcode.map) {
        case 0:  // mov, lea, movsxd, imul with a constant
            return byte == 0x89 || byte == 0x8b || byte == 0x8d || byte == 0x63 || byte == 0x69 ||
                   byte == 0x6b || in(byte, 0xb8, 0xbf) || byte == 0xc7;
        case 1:  // conversions, masks, movd, movzx, movsx, popcnt
            return in(byte, 0x2c, 0x2d) || byte == 0x50 || byte == 0xc5 || byte == 0xd7 || byte == 0x7e ||
                   in(byte, 0xb6, 0xb8) || in(byte, 0xbe, 0xbf);
        case 3:
            return in(byte, 0x14, 0x17);
        default:
            return false;
    }
}

bool only_reads_first(const cs_insn& insn)
{
    const Opcode opcode = opcode_of(insn);
    if (opcode.vex) return false;
    const unsigned byte = opcode.byte, reg = extension(insn);
    if (opcode.map == 1) return byte == 0xa3 || (byte == 0xba && reg == 4);  // bt
    if (opcode.map != 0) return false;
    if (in(byte, 0xf6, 0xf7)) return reg < 2 || reg > 3;                          // test, mul … idiv
    if (in(byte, 0x80, 0x83)) return reg == 7;                                    // cmp
    return in(byte, 0x38, 0x3d) || in(byte, 0x84, 0x85) || in(byte, 0xa8, 0xa9);  // cmp, test
}

bool writes_unnamed(const cs_insn& insn)
{
    const Opcode opcode = opcode_of(insn);
    if (opcode.vex) return false;
    switch (opcode.map) {
        case 0:
            if (opcode.byte < 0x40) return (opcode.byte & 7) > 3;         // al or eax and a constant
            if (in(opcode.byte, 0xf6, 0xf7)) return extension(insn) > 3;  // mul … idiv
            // xchg with eax, cbw, cwd, lahf, fnstsw
            return in(opcode.byte, 0x90, 0x9f) || in(opcode.byte, 0xd8, 0xdf);
        case 1:
            return in(opcode.byte, 0xb0, 0xb1) || opcode.byte == 0xc7;  // cmpxchg
        case 2:
            return false;
        default:
            return opcode.byte >= 0x60;  // pcmpestri and its kin
    }
}

namespace {

using Parts = std::array<x86_reg, 5>;
constexpr std::array<Parts, 16> parts_of_registers = {{
    {X86_REG_RAX, X86_REG_EAX, X86_REG_AX, X86_REG_AL, X86_REG_AH},
    {X86_REG_RCX, X86_REG_ECX, X86_REG_CX, X86_REG_CL, X86_REG_CH},
    {X86_REG_RDX, X86_REG_EDX, X86_REG_DX, X86_REG_DL, X86_REG_DH},
    {X86_REG_RBX, X86_REG_EBX, X86_REG_BX, X86_REG_BL, X86_REG_BH},
    {X86_REG_RSP, X86_REG_ESP, X86_REG_SP, X86_REG_SPL, X86_REG_INVALID},
    {X86_REG_RBP, X86_REG_EBP, X86_REG_BP, X86_REG_BPL, X86_REG_INVALID},
    {X86_REG_RSI, X86_REG_ESI, X86_REG_SI, X86_REG_SIL, X86_REG_INVALID},
    {X86_REG_RDI, X86_REG_EDI, X86_REG_DI, X86_REG_DIL, X86_REG_INVALID},
    {X86_REG_R8, X86_REG_R8D, X86_REG_R8W, X86_REG_R8B, X86_REG_INVALID},
    {X86_REG_R9, X86_REG_R9D, X86_REG_R9W, X86_REG_R9B, X86_REG_INVALID},
    {X86_REG_R10, X86_REG_R10D, X86_REG_R10W, X86_REG_R10B, X86_REG_INVALID},
    {X86_REG_R11, X86_REG_R11D, X86_REG_R11W, X86_REG_R11B, X86_REG_INVALID},
    {X86_REG_R12, X86_REG_R12D, X86_REG_R12W, X86_REG_R12B, X86_REG_INVALID},
    {X86_REG_R13, X86_REG_R13D, X86_REG_R13W, X86_REG_R13B, X86_REG_INVALID},
    {X86_REG_R14, X86_REG_R14D, X86_REG_R14W, X86_REG_R14B, X86_REG_INVALID},
    {X86_REG_R15, X86_REG_R15D, X86_REG_R15W, X86_REG_R15B, X86_REG_INVALID},
}};

constexpr std::array<int8_t, X86_REG_ENDING> make_register_numbers()
{
    std::array<int8_t, X86_REG_ENDING> numbers{};
    for (int8_t& number : numbers) number = -1;
    for (size_t i = 0; i < parts_of_registers.size(); ++i) {
        for (const x86_reg part : parts_of_registers[i]) {
            if (part != X86_REG_INVALID) numbers[part] = static_cast<int8_t>(i);
        }
    }
    return numbers;
}
constexpr std::array<int8_t, X86_REG_ENDING> register_numbers = make_register_numbers();

}  // namespace

int register_index(x86_reg reg)
{
    return register_numbers[reg];
}

bool is_written_slot(int64_t offset, unsigned size)
{
    if (size > 8) return false;
    return offset == NORN_CTX_GPR + 8 * r9 || offset == NORN_CTX_GPR + 8 * r10 ||
           offset == NORN_CTX_GPR + 8 * r11 || offset == NORN_CTX_TMP || offset == NORN_CTX_DIRECTION;
}

int held_slot(int64_t offset)
{
    const int64_t from = offset - static_cast<int64_t>(offsetof(Context, held));
    return from >= 0 && from < int64_t{held_count} * 8 && from % 8 == 0 ? static_cast<int>(from / 8) : -1;
}

bool is_read_slot(int64_t offset, unsigned size, bool bounced)
{
    if (size > 8) return false;
    if (offset == NORN_CTX_BOUNCE) return bounced;
    // The guest's own registers, and the entries of the jump table that a known address has.
    const auto tags = static_cast<int64_t>(offsetof(Context, jump_tag));
    const bool jump_tag = offset >= tags && offset < tags + int64_t{jump_table_size} * 8 && offset % 8 == 0;
    return is_written_slot(offset, size) || jump_tag || offset == NORN_CTX_FS_BASE ||
           offset == NORN_CTX_GS_BASE || offset == NORN_CTX_X87_ABSENT;
}

}  // namespace norn::x86::verify
