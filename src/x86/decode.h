// The instructions that a guest may execute: one table, and a decoder that knows nothing else.
// What the table does not list is #UD, so nothing unexamined is ever copied into emitted code.
//
// Where processors differ: approximate reciprocals, cpuid and rdtsc are emulated, x87 pointers are hidden,
// tzcnt and lzcnt are bsf and bsr. The transcendental x87 instructions (fsin, fcos, fsincos, fptan, fpatan,
// f2xm1, fyl2x, fyl2xp1) and the flags that the manuals leave undefined are still the host's own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace norn::x86 {

/// How the translator treats a form.
enum class Op : uint8_t {
    generic,  ///< copied, with its memory operand redirected and stolen registers replaced
    nop,      ///< nothing happens, the memory operand (if any) is not touched
    lea,
    jcc,
    jmp,
    call,
    jmp_ind,
    call_ind,
    ret,
    loop,
    loope,
    loopne,
    jrcxz,
    push_reg,
    push_imm,
    push_mem,
    pop_reg,
    pop_mem,
    leave,
    syscall,
    rdtsc,
    cld,
    std,
    string,  ///< movs, cmps, stos, lods, scas
    // Done in C++ between two pieces of translated code.
    cpuid,
    pushf,
    popf,
    enter,
    xlat,
    moffs,
    bit_string,
    cmpxchg16,
    mov_from_segment,
    fxsave,
    fxrstor,
    fnsave,
    fnstenv,
    maskmov,
    reciprocal,
    // Exceptions.
    undefined,
    breakpoint,
    interrupt,
    debug_trap,
    privileged,
};

enum class Where : uint8_t { none, gpr, xmm, mmx, x87 };
enum Access : uint8_t { reads = 1, writes = 2 };

/// Operand size: bytes, or one of the two that depend on prefixes.
inline constexpr uint8_t size_v = 0xfe;  ///< 2, 4 or 8
inline constexpr uint8_t size_y = 0xff;  ///< 4 or 8

/// One row of the table, parsed.
struct Form {
    const char* code = nullptr;  ///< prefix, map, opcode, /extension
    const char* name = nullptr;
    const char* operands = nullptr;  ///< see the head of forms.cc
    Op op = Op::generic;
    Where rm = Where::none;  ///< what ModRM.rm names when it is a register
    uint8_t rm_size = 0;     ///< of that register, if general
    uint8_t mem_size = 0;    ///< of the memory operand
    uint8_t rm_access = 0;
    Where reg = Where::none;  ///< what ModRM.reg names
    uint8_t reg_size = 0;
    uint8_t reg_access = 0;
    uint8_t opreg_access = 0;  ///< general register in the low opcode bits
    uint8_t opreg_size = 0;
    uint8_t imm = 0;  ///< bytes of immediate; size_v: 4 at most; imm_full: up to 8
    bool modrm = false;
    bool allows_reg = false, allows_mem = false;
    bool aligned = false;  ///< a misaligned memory operand is #GP
    bool lockable = false;
    bool mandatory_prefix = false;  ///< 66, F2 and F3 are part of the opcode
    bool uses_x87 = false;          ///< x87 or MMX state
    bool reads_cl = false, writes_rcx = false;
    bool stack64 = false;  ///< operand size is 64 bits without REX.W
};

inline constexpr uint8_t imm_full = 0xfd;

struct Instruction {
    const Form* form = nullptr;
    uint8_t length = 0;
    uint8_t rex = 0;  ///< 0 or 0x40..0x4f
    uint8_t map = 0;  ///< 0: one byte, 1: 0F, 2: 0F38, 3: 0F3A
    uint8_t opcode = 0;
    uint8_t modrm = 0;
    uint8_t mandatory = 0;   ///< 0, 0x66, 0xf2, 0xf3
    uint8_t opsize = 4;      ///< 2, 4 or 8
    uint8_t segment = 0;     ///< 0, 4 (fs), 5 (gs)
    bool operand16 = false;  ///< prefix 66
    bool address32 = false;  ///< prefix 67
    bool lock = false, rep = false, repne = false;
    bool has_mem = false, rip_relative = false;
    int8_t base = -1, index = -1;
    uint8_t scale = 0;  ///< log2
    uint8_t imm_size = 0;
    int32_t disp = 0;
    uint64_t imm = 0;  ///< sign-extended from imm_size

    uint8_t reg_field() const { return uint8_t((modrm >> 3 & 7) | (rex & 4) << 1); }
    uint8_t rm_field() const { return uint8_t((modrm & 7) | (rex & 1) << 3); }
    uint8_t opreg_field() const { return uint8_t((opcode & 7) | (rex & 1) << 3); }
    uint8_t size_of(uint8_t s) const { return s == size_v ? opsize : s == size_y ? (rex & 8 ? 8 : 4) : s; }
    /// An address that no memory can have is then #SS and not #GP.
    bool in_stack_segment() const { return (base == 4 || base == 5) && !segment; }
    uint8_t mem_size() const { return size_of(form->mem_size); }
};

enum class DecodeStatus : uint8_t { ok, undefined, unknown, too_long, truncated };

/// Decodes at `code`; `available` bytes may be read. `truncated`: the instruction needs more bytes.
DecodeStatus decode(const uint8_t* code, size_t available, Instruction& out);

/// Every row of the table.
const std::vector<Form>& admitted_forms();

}  // namespace norn::x86
