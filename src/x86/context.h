// The block of memory behind the host's GS base while guest code runs: the slots that emitted code
// may name, and the tables it searches. One for each live address space. Also read by entry.S.
#pragma once

#define NORN_CTX_GPR 0x000
#define NORN_CTX_RIP 0x080
#define NORN_CTX_FLAGS 0x088
#define NORN_CTX_HOST_RSP 0x090
#define NORN_CTX_FPU 0x098
#define NORN_CTX_BUDGET 0x0a0
#define NORN_CTX_FS_BASE 0x0a8
#define NORN_CTX_GS_BASE 0x0b0
#define NORN_CTX_BOUNCE 0x0b8
#define NORN_CTX_TMP 0x0c0
#define NORN_CTX_TARGET 0x0c8
#define NORN_CTX_SITE 0x0d0
#define NORN_CTX_EA 0x0d8
#define NORN_CTX_HOST_MXCSR 0x0e0
#define NORN_CTX_X87_ABSENT 0x0e8
#define NORN_CTX_X87_LOAD 0x0f0
#define NORN_CTX_DIRECTION 0x0f8
#define NORN_CTX_SELF 0x100

#ifndef __ASSEMBLER__

#include <cstddef>
#include <cstdint>

namespace norn::x86 {

/// Entries of a soft-MMU table: a 32-bit shift by 12 leaves 20 bits of an address.
inline constexpr uint32_t table_size = 1u << 20;
/// Entries of the jump cache: `movzx` takes 16 bits out. Neither touches flags.
inline constexpr uint32_t jump_table_size = 1u << 16;

/// A soft-MMU table. `tag` is minus the guest page, so that adding an address leaves its offset in the
/// page (and nothing above bit 11) exactly on a hit; `addend` is host minus guest.
struct TlbTable {
    uint64_t tag[table_size];
    uint64_t addend[table_size];
};

/// What one place of a hot unit sees of memory: 2 KiB of one page. `tag` is minus twice the first address, so
/// that adding an address twice leaves twice the distance from it, which is below 4096 exactly on a hit.
/// All zeros, it leads the lowest addresses to themselves, where the host has nothing. A fixed window is onto
/// one known place: `tag` is zero when it is open and `addend` then where the host has its first byte.
struct Window {
    uint64_t tag;
    uint64_t addend;  ///< host minus guest
};
inline constexpr uint32_t window_count = 16384;  ///< number 0 is not used
inline constexpr uint64_t window_bytes = 2048;

inline constexpr uint32_t held_count = 8;

/// Numbers of addresses that units of other pages lead to; number 0 is not used.
inline constexpr uint32_t link_count = 1u << 16;

/// Behind the jump cache, which has no more than the low bits of rip as its index. C++ only.
struct KnownJump {
    uint64_t rip;
    const uint8_t* host;
    uint64_t learned;  ///< when (Space)
};
inline constexpr uint32_t known_jump_count = 16384;

struct Context {
    uint64_t gpr[16];  ///< all of the guest's registers while C++ runs; r9 to r11 always
    uint64_t rip;      ///< C++ only
    uint64_t flags;    ///< bits 8 to 15 as `lahf` leaves them, bit 0 is OF
    uint64_t host_rsp;
    uint64_t fpu;     ///< the caller's FXSAVE image
    uint64_t budget;  ///< r13 at the last exit
    uint64_t fs_base, gs_base;
    uint64_t bounce;  ///< host address for the operand of a bounced instruction
    uint64_t tmp;     ///< holds a value between the two accesses of an instruction
    uint64_t target;  ///< where `enter` jumps
    uint64_t site;    ///< which exit was taken
    uint64_t ea;      ///< the guest address or jump target of that exit
    uint64_t host_mxcsr;
    uint64_t x87_absent;  ///< 1: the x87 state is in the image, not in the processor
    uint64_t x87_load;    ///< 1: `enter` loads the whole image
    uint64_t direction;   ///< the guest's DF, 0 or 1; the host's stays clear
    Context* self;
    // From here on C++ only.
    void* engine;
    uint64_t fault_rip, fault_trap, fault_address, fault_code;
    uint64_t pad[2];

    uint64_t held[held_count];  ///< addends that a hot unit has looked up once for several accesses
    Window windows[window_count];
    TlbTable read, write;
    uint64_t jump_tag[jump_table_size];   ///< minus the guest rip
    uint64_t jump_host[jump_table_size];  ///< entry of its block
    KnownJump known_jumps[known_jump_count];
    uint64_t links[link_count];  ///< where the host has the unit at that address; 0: not known here
};

constexpr int32_t tag_in_table(bool write)
{
    return int32_t((write ? offsetof(Context, write) : offsetof(Context, read)) + offsetof(TlbTable, tag));
}
constexpr int32_t addend_in_table(bool write)
{
    return tag_in_table(write) + int32_t(offsetof(TlbTable, addend) - offsetof(TlbTable, tag));
}

constexpr int32_t slot_of_link(uint32_t number)
{
    return int32_t(offsetof(Context, links) + number * sizeof(Context::links[0]));
}

static_assert(offsetof(Context, rip) == NORN_CTX_RIP && offsetof(Context, flags) == NORN_CTX_FLAGS);
static_assert(offsetof(Context, host_rsp) == NORN_CTX_HOST_RSP && offsetof(Context, fpu) == NORN_CTX_FPU);
static_assert(offsetof(Context, budget) == NORN_CTX_BUDGET && offsetof(Context, fs_base) == NORN_CTX_FS_BASE);
static_assert(offsetof(Context, gs_base) == NORN_CTX_GS_BASE && offsetof(Context, bounce) == NORN_CTX_BOUNCE);
static_assert(offsetof(Context, tmp) == NORN_CTX_TMP && offsetof(Context, target) == NORN_CTX_TARGET);
static_assert(offsetof(Context, site) == NORN_CTX_SITE && offsetof(Context, ea) == NORN_CTX_EA);
static_assert(offsetof(Context, host_mxcsr) == NORN_CTX_HOST_MXCSR);
static_assert(offsetof(Context, x87_absent) == NORN_CTX_X87_ABSENT);
static_assert(offsetof(Context, x87_load) == NORN_CTX_X87_LOAD);
static_assert(offsetof(Context, direction) == NORN_CTX_DIRECTION && offsetof(Context, self) == NORN_CTX_SELF);

/// Loads the guest's state from `context` and jumps to `target`; returns at the next exit.
extern "C" void norn_x86_enter(Context* context, const void* target);
/// Where every exit of emitted code ends: saves the guest's state and returns from `norn_x86_enter`.
extern "C" void norn_x86_leave();

}  // namespace norn::x86
#endif
