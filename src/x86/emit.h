// Writes host instructions, and says what emitted code may consist of.
//
// Registers. The guest's rax, rdx, rbx, rsp, rbp, rsi, rdi, r8 and r12 live in the host's registers of the
// same name, guest r13 to r15 in host r9 to r11, guest rcx in host r14; guest r9, r10 and r11, which
// compilers use least, live in their context slots. Host rcx and r15 are scratch. Host r13 is 64 *
// (instructions left) + 12: it counts, and its low six bits are the shift count 12 that turns an address into
// a page number without touching flags. Flags are the guest's everywhere. The host's DF is always clear. Host
// vector and x87 state is the guest's.
//
// The grammar of a unit (for a verifier; all code is straight-line but for what is listed):
//
//   unit   = budget-stub entry insn* { cold-stub }
//   budget-stub = exit                                           (just before the entry)
//   entry  = shrx rcx, r13, r13 ; jrcxz budget-stub ; lea r13, [r13 - 64 * n]
//            (single-step and bounced units have only the lea; a unit with x87 or MMX instructions has
//            before the lea: mov rcx, gs:[X87_ABSENT] ; jrcxz over ; exit ; over:)
//   exit   = mov ecx, imm32 ; jmp rel32 LEAVE                    (LEAVE: one fixed address, the first
//            byte of the code cache; imm32 names the exit; optional before it: lea r15, [guest address])
//   check  = { lea r15, [EA] } ; index ; compare ; jrcxz +5 ; jmp cold-stub ; translate
//     Short form, EA = base + disp, base a guest register held in a host register (not rcx, r13, r15):
//       lea rcx, [base + disp]                                   (left out if disp = 0: `a` is base then)
//       shrx r15d, a, r13d                                       (20 bits of the page's number)
//       mov rcx, gs:[r15 * 8 + TAG]
//       lea rcx, [rcx + base + (disp + size - 1)]
//       shrx rcx, rcx, r13 ; jrcxz +5 ; jmp cold-stub
//       mov r15, gs:[r15 * 8 + ADDEND]
//       and the access is [base + r15 + disp]
//     Long form, any EA, computed into r15:
//       shrx ecx, r15d, r13d
//       mov rcx, gs:[rcx * 8 + TAG]
//       lea rcx, [rcx + r15 + (size - 1)]
//       shrx rcx, rcx, r13 ; jrcxz +5 ; jmp cold-stub
//       shrx ecx, r15d, r13d
//       mov rcx, gs:[rcx * 8 + ADDEND]
//       and the access is [r15 + rcx], or [r15] after lea r15, [r15 + rcx]
//     Where many units are (EngineOptions::straight_after), for normal ones, shrx ; jrcxz ; jmp is instead
//       shrx rcx, rcx, r13 ; lea rcx, [rcx - 1] ; adcx rcx, rcx ; jae cold-stub ; bt ecx, 0
//     and the stub begins with that bt as well: of 52 bits less one, only zero has the highest bit set, and
//     twice that and the carry has the old carry as its lowest.
//     TAG and ADDEND are both of the read table (loads) or both of the write table (stores, and
//     read-modify-write); `size` covers the whole access. Nothing between translate and the access writes
//     r15, rcx (long form without the lea) or base. An access after a short check may lie anywhere in
//     [EA, EA + size).
//     In a hot unit, through a window k (Context::windows) that is for this check only:
//       mov rcx, gs:[TAG_k] ; lea rcx, [rcx + base * 2 + 2 * disp] ; shrx rcx, rcx, r13 ; jrcxz +5 ;
//       jmp cold-stub ; mov r15, gs:[ADDEND_k]
//     (base rsp: two times lea rcx, [rsp + rcx …]), and the access is [base + r15 + disp]. For any other EA,
//     in r15:
//       mov rcx, gs:[TAG_k] ; lea rcx, [rcx + r15 * 2] ; shrx rcx, rcx, r13 ; jrcxz +5 ; jmp cold-stub ;
//       mov rcx, gs:[ADDEND_k]
//     and the access is [r15 + rcx], or [r15] after lea r15, [r15 + rcx].
//     In a hot unit, for several accesses by one register that the host has (low, high: of all of them):
//       lea rcx, [base + low] ; shrx r15d, ecx, r13d ; mov rcx, gs:[r15 * 8 + TAG]
//       lea rcx, [base + rcx + high - 1] ; shrx rcx, rcx, r13 ; jrcxz +5 ; jmp cold-stub
//       mov r15, gs:[r15 * 8 + ADDEND] ; mov gs:[HELD_j], r15
//     and the accesses are [base + r15 + disp], the later ones after mov r15, gs:[HELD_j].
//       By the sum of two registers, of which it is known how it has changed: lea r15, [EA] ; lea rcx, [r15 +
//       low] ; shrx ecx, ecx, r13d ; mov rcx, gs:[rcx * 8 + TAG] ; lea rcx, [r15 + rcx + high - 1] ; shrx
//       rcx, rcx, r13 ; jrcxz +5 ; jmp cold-stub ; lea rcx, [r15 + low] ; shrx ecx, ecx, r13d ; mov rcx,
//       gs:[rcx * 8 + ADDEND] ; mov gs:[HELD_j], rcx; the later ones after lea r15, [EA] ; mov rcx,
//       gs:[HELD_j].
//     In a hot unit, for a known address (or one that is known but for the base of fs) by a fixed window:
//       mov rcx, gs:[TAG_k] ; jrcxz +5 ; jmp cold-stub ; mov r15, gs:[ADDEND_k]
//     and the access is [r15 + offset in the window].
//     A hit vouches for as many bytes as the window is for: later accesses to these load the addend only, as
//     long as no path leads past the check. C++ does not come back into a unit if it has closed a window or
//     changed an entry of a table (Space::changes).
//   access = any copied instruction with exactly one memory operand, the one above
//   slot   = gs:[disp32] below the tables: loads and stores of the scratch registers and of r14
//   bounced unit: mov r15, gs:[BOUNCE], and the access is [r15]
//   link   = jmp rel32 or jcc rel32, to a unit's entry in the same guest page or to an exit. A unit goes on
//            behind a conditional jump that leads forward, so its way out gives back what was charged for
//            the rest: lea r13, [r13 + 64 * m] ; jmp rel32 (m < n: the instructions behind the jump).
//   indirect = (r15: target) movzx ecx, r15w ; mov rcx, gs:[rcx * 8 + JUMP_TAG] ; lea rcx, [rcx + r15] ;
//            jrcxz +5 ; jmp cold-stub ; movzx ecx, r15w ; jmp gs:[rcx * 8 + JUMP_HOST]
//            (a call asks before it pushes, so other instructions stand between the look-up and the jump)
//   link to another page = mov rcx, gs:[LINKS + 8 * k] ; jrcxz +2 ; jmp rcx ; jmp cold-stub
//
//   rep movs, rep stos: a unit of its own, up to eight steps in a hot one. C++ does it where more steps are
//            left than are worth a loop: lea rcx, [r14 * 8] ; lea rcx, [rcx * 8] ; lea rcx, [rcx + rcx] ;
//            shrx rcx, rcx, r13 ; jrcxz +5 ; jmp cold-stub. After each step lea r14, [r14 - 1] ; mov rcx, r14
//            ; jrcxz +2 ; jmp +5 ; jmp to what is behind it.
//
// There is no push, pop, call, ret, string instruction, segment load, syscall, popf, std, wrpkru, rdtsc,
// cpuid, or privileged instruction. Writes of r13 are the lea of an entry and of a side exit only. rsp is
// written only as the guest's rsp.
#pragma once

#include <cstdint>
#include <cstring>

#include "x86/cpu.h"

namespace norn::x86 {

inline constexpr int host_t0 = 1;         ///< rcx: scratch
inline constexpr int host_t1 = 15;        ///< r15: scratch
inline constexpr int host_rcx_home = 14;  ///< where the guest's rcx lives
inline constexpr int host_below = 4;      ///< the guest's r13 to r15 live so far below
inline constexpr int host_budget = 13;
inline constexpr int budget_shift = 6;
inline constexpr int budget_low = 12;

/// A memory operand in host registers; -1: none. `gs`: relative to the context.
struct HostMem {
    int base = -1;
    int index = -1;
    int scale = 0;
    int32_t disp = 0;
    bool gs = false;
};

class Emitter {
  public:
    Emitter(uint8_t* at, int64_t exec_delta) : at_(at), exec_delta_(exec_delta) {}

    uint8_t* here() const { return at_; }
    const uint8_t* exec(const uint8_t* p) const { return p + exec_delta_; }

    void byte(uint8_t b) { *at_++ = b; }
    void word32(uint32_t v) { std::memcpy(at_, &v, 4), at_ += 4; }
    void word64(uint64_t v) { std::memcpy(at_, &v, 8), at_ += 8; }
    void bytes(const uint8_t* p, size_t n) { std::memcpy(at_, p, n), at_ += n; }

    /// ModRM, SIB and displacement of a memory operand.
    void memory(int reg, const HostMem& m)
    {
        const int r = (reg & 7) << 3;
        if (m.base < 0) {
            byte(uint8_t(r | 4));
            byte(uint8_t(m.scale << 6 | (m.index < 0 ? 4 : m.index & 7) << 3 | 5));
            return word32(uint32_t(m.disp));
        }
        const int b = m.base & 7;
        const bool small = m.disp >= -128 && m.disp <= 127;
        const int mod = m.disp == 0 && b != 5 ? 0 : small ? 1 : 2;
        if (m.index >= 0 || b == 4) {
            byte(uint8_t(mod << 6 | r | 4));
            byte(uint8_t(m.scale << 6 | (m.index < 0 ? 4 : m.index & 7) << 3 | b));
        } else {
            byte(uint8_t(mod << 6 | r | b));
        }
        if (mod == 1) byte(uint8_t(m.disp));
        if (mod == 2) word32(uint32_t(m.disp));
    }
    static uint8_t rex_of(bool w, int reg, const HostMem& m)
    {
        return uint8_t((w ? 8 : 0) | (reg & 8) >> 1 | (m.index >= 0 ? (m.index & 8) >> 2 : 0) |
                       (m.base >= 0 ? (m.base & 8) >> 3 : 0));
    }
    /// One-byte opcode with a 64-bit (or, without w, 32-bit) register and a memory operand.
    void op_mem(uint8_t opcode, int reg, const HostMem& m, bool w = true)
    {
        if (m.gs) byte(0x65);
        const uint8_t rex = rex_of(w, reg, m);
        if (rex) byte(0x40 | rex);
        byte(opcode);
        memory(reg, m);
    }
    void load(int reg, const HostMem& m) { op_mem(0x8b, reg, m); }
    void store(const HostMem& m, int reg) { op_mem(0x89, reg, m); }
    void lea(int reg, const HostMem& m) { op_mem(0x8d, reg, m); }
    /// With a displacement that can be changed later: returns where it lies.
    uint8_t* lea_wide(int reg, const HostMem& m)
    {
        byte(0x48 | rex_of(false, reg, m));
        byte(0x8d);
        const bool sib = m.index >= 0 || (m.base & 7) == 4;
        byte(uint8_t(0x80 | (reg & 7) << 3 | (sib ? 4 : m.base & 7)));
        if (sib) byte(uint8_t(m.scale << 6 | (m.index < 0 ? 4 : m.index & 7) << 3 | (m.base & 7)));
        word32(uint32_t(m.disp));
        return at_ - 4;
    }
    void load_slot(int reg, int32_t offset) { load(reg, slot(offset)); }
    void store_slot(int32_t offset, int reg) { store(slot(offset), reg); }
    static HostMem slot(int32_t offset) { return {-1, -1, 0, offset, true}; }
    static HostMem table(int32_t offset, int index) { return {-1, index, 3, offset, true}; }

    void mov(int to, int from)
    {
        byte(uint8_t(0x48 | (from & 8) >> 1 | (to & 8) >> 3));
        byte(0x89);
        byte(uint8_t(0xc0 | (from & 7) << 3 | (to & 7)));
    }
    void mov_imm32(int reg, uint32_t v)
    {
        if (reg & 8) byte(0x41);
        byte(uint8_t(0xb8 | (reg & 7)));
        word32(v);
    }
    void mov_imm(int reg, uint64_t v)
    {
        if (v <= UINT32_MAX) return mov_imm32(reg, uint32_t(v));
        byte(uint8_t(0x48 | (reg & 8) >> 3));
        byte(uint8_t(0xb8 | (reg & 7)));
        word64(v);
    }
    void movzx16(int to, int from)
    {
        const int rex = (to & 8) >> 1 | (from & 8) >> 3;
        if (rex) byte(uint8_t(0x40 | rex));
        byte(0x0f), byte(0xb7);
        byte(uint8_t(0xc0 | (to & 7) << 3 | (from & 7)));
    }
    void shrx(int to, int from, int count) { vex(2, 3, 0xf7, to, from, count, true); }
    void shrx32(int to, int from, int count) { vex(2, 3, 0xf7, to, from, count, false); }
    void rorx(int to, int from, uint8_t count)
    {
        vex(3, 3, 0xf0, to, from, 0, true);
        byte(count);
    }
    /// A jump whose target is filled in later: returns where the rel32 lies.
    uint8_t* jmp()
    {
        byte(0xe9);
        word32(0);
        return at_ - 4;
    }
    uint8_t* jcc(uint8_t cc)
    {
        byte(0x0f), byte(0x80 | cc);
        word32(0);
        return at_ - 4;
    }
    void jmp_to(const uint8_t* exec_target)
    {
        uint8_t* rel = jmp();
        aim(rel, exec_target);
    }
    void aim(uint8_t* rel, const uint8_t* exec_target)
    {
        const int32_t v = int32_t(exec_target - exec(rel + 4));
        std::memcpy(rel, &v, 4);
    }
    void aim_here(uint8_t* rel) { aim(rel, exec(at_)); }
    void jrcxz(int8_t distance) { byte(0xe3), byte(uint8_t(distance)); }
    uint8_t* jrcxz_short()
    {
        byte(0xe3), byte(0);
        return at_ - 1;
    }
    /// Goes on if rcx is zero; returns where it jumps from otherwise.
    uint8_t* jump_over()
    {
        jrcxz(5);
        return jmp();
    }
    /// rcx is 0, or less than 2^52: the first goes on, the others jump. CF comes to lie in rcx's lowest bit,
    /// from where `carry_from_scratch` brings it back, on either way; other flags stay.
    uint8_t* jump_unless_zero()
    {
        lea(1, {1, -1, 0, -1, false});
        byte(0x66), byte(0x48), byte(0x0f), byte(0x38), byte(0xf6), byte(0xc9);  // adcx rcx, rcx
        uint8_t* rel = jcc(3);
        carry_from_scratch();
        return rel;
    }
    void carry_from_scratch() { byte(0x0f), byte(0xba), byte(0xe1), byte(0); }  // bt ecx, 0
    uint8_t* jmp_short()
    {
        byte(0xeb), byte(0);
        return at_ - 1;
    }
    void aim_short(uint8_t* rel) { *rel = uint8_t(at_ - (rel + 1)); }
    void jmp_mem(const HostMem& m) { op_mem(0xff, 4, m, false); }
    void jmp_scratch() { byte(0xff), byte(0xe0 | host_t0); }

  private:
    void vex(uint8_t map, uint8_t pp, uint8_t opcode, int reg, int rm, int v, bool w)
    {
        byte(0xc4);
        byte(uint8_t((reg & 8 ? 0 : 0x80) | 0x40 | (rm & 8 ? 0 : 0x20) | map));
        byte(uint8_t((w ? 0x80 : 0) | (~v & 15) << 3 | pp));
        byte(opcode);
        byte(uint8_t(0xc0 | (reg & 7) << 3 | (rm & 7)));
    }

    uint8_t* at_;
    int64_t exec_delta_;
};

}  // namespace norn::x86
