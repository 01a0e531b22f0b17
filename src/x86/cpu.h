// The architectural state of a 64-bit user-mode processor, as values.
#pragma once

#include <array>
#include <cstdint>

namespace norn::x86 {

/// General registers in encoding order, so that `gpr[rsp]` reads as it should.
enum Reg : uint8_t { rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15 };

/// RFLAGS bits that a user-mode program can see or change (Intel SDM vol. 1, 3.4.3).
namespace flag {
inline constexpr uint64_t cf = 1u << 0, fixed1 = 1u << 1, pf = 1u << 2, af = 1u << 4, zf = 1u << 6,
                          sf = 1u << 7, tf = 1u << 8, if_ = 1u << 9, df = 1u << 10, of = 1u << 11,
                          nt = 1u << 14, ac = 1u << 18, id = 1u << 21;
/// What arithmetic instructions write.
inline constexpr uint64_t arithmetic = cf | pf | af | zf | sf | of;
/// What `popf` may change in user mode at IOPL 0.
inline constexpr uint64_t user = arithmetic | tf | df | nt | ac | id;
}  // namespace flag

/// The general registers of a task between two instructions.
struct Cpu {
    std::array<uint64_t, 16> gpr{};
    uint64_t rip = 0;
    uint64_t rflags = flag::fixed1 | flag::if_;
    uint64_t fs_base = 0;
    uint64_t gs_base = 0;

    friend bool operator==(const Cpu&, const Cpu&) = default;
};

/// x87, MMX and SSE state in FXSAVE64 layout (SDM vol. 1, 10.5.1). The instruction and data
/// pointers and the last opcode are always zero, so that the state does not depend on the vendor
/// or on the address of translated code.
struct alignas(16) Fpu {
    std::array<uint8_t, 512> fxsave{};

    friend bool operator==(const Fpu&, const Fpu&) = default;
};

/// The state after FNINIT and with MXCSR = 0x1f80: what a new program sees.
[[nodiscard]] Fpu initial_fpu();

/// Exception vectors that reach a user-mode program (SDM vol. 3, 6.3.1).
enum class Vector : uint8_t {
    divide = 0,
    debug = 1,
    breakpoint = 3,
    overflow = 4,
    bound = 5,
    invalid_opcode = 6,
    stack = 12,
    general_protection = 13,
    page_fault = 14,
    x87 = 16,
    alignment = 17,
    simd = 19,
};

}  // namespace norn::x86
