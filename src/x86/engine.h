// The engine runs guest code. It is a cache and a clock-work, never part of a machine's value: it
// may be dropped at any time without a visible effect (docs/ARCHITECTURE.md).
//
// An engine belongs to one host thread. A machine is lent to it for the time of `run`.
#pragma once

#include <csignal>
#include <cstdint>
#include <memory>
#include <span>

#include "x86/cpu.h"

namespace norn::x86 {

inline constexpr uint64_t page_size = 4096;
inline constexpr uint64_t page_mask = page_size - 1;
inline constexpr uint64_t longest_instruction = 15;  ///< bytes (SDM vol. 2, 2.3.11)
/// First address that user space cannot have (4-level paging).
inline constexpr uint64_t user_end = 0x0000'7fff'ffff'f000;

constexpr bool is_canonical(uint64_t address)
{
    return address < 1ull << 47 || address >= ~0ull << 47;
}

/// Names the host frame behind a guest page. The same key in two places is the same memory, so a
/// store through one of them is seen through the other (shared mappings, aliases of a JIT).
using FrameKey = uint64_t;

/// Why a page cannot be used; the engine only carries `code` from the memory to the exit.
struct MemoryFault {
    uint32_t code = 0;  ///< the lender's own: SEGV_MAPERR, SEGV_ACCERR, SIGBUS …
};

/// A page for loading.
struct ReadPage {
    const uint8_t* host = nullptr;  ///< 4096 bytes; nullptr: see `fault`
    FrameKey frame = 0;
    MemoryFault fault;
};

/// A page for storing. While `code_lines` is not null, code was translated from this frame: the
/// engine must not cache write permission, and calls `void_code` when it stores to a 64-byte line
/// whose bit is set in `*code_lines`.
struct WritePage {
    uint8_t* host = nullptr;
    FrameKey frame = 0;
    const uint64_t* code_lines = nullptr;
    MemoryFault fault;
};

/// A page for executing. `stamp` names this content and is never reused for another: translations
/// are keyed by it. `code_lines` has one bit for each 64-byte line; the engine sets the bits of the
/// lines that it translates from.
struct ExecPage {
    const uint8_t* host = nullptr;
    FrameKey frame = 0;
    uint64_t stamp = 0;
    uint64_t* code_lines = nullptr;
    MemoryFault fault;
};

/// The address space that the engine runs in. `va` is page-aligned and below `user_end`; the engine
/// itself faults on all other addresses with `noncanonical_fault`. Host pointers stay good until the
/// lender says otherwise (`Engine::invalidate` and its sisters) or `run` returns and the lender
/// changes the mapping.
class Memory {
  public:
    virtual ~Memory() = default;
    virtual ReadPage read_page(uint64_t va) = 0;
    virtual WritePage write_page(uint64_t va) = 0;
    virtual ExecPage exec_page(uint64_t va) = 0;
    /// A store hit translated code in this page: its frame gives up its stamp and its code lines.
    virtual void void_code(uint64_t va) = 0;
};

enum class ExitKind : uint8_t {
    budget,   ///< all of the budget is retired
    syscall,  ///< after `syscall`: rip past it, rcx and r11 as the processor leaves them
    rdtsc,    ///< at rdtsc or rdtscp, retired; the caller sets rdx:rax (and rcx if `rdtscp`)
    fault,    ///< an exception; rip as the processor would push it
};

struct Exit {
    ExitKind kind = ExitKind::budget;
    Vector vector = Vector::divide;
    uint32_t error = 0;    ///< page fault: SDM error bits (1 present, 2 write, 4 user, 16 fetch)
    uint32_t code = 0;     ///< page fault: `MemoryFault::code`; others 0
    uint64_t address = 0;  ///< page fault: the faulting byte (CR2)
    uint64_t retired = 0;  ///< instructions retired by this `run`; each REP iteration is one
    /// Syscall: what the instruction changed, as it was.
    struct {
        uint64_t rip = 0, rcx = 0, r11 = 0;
    } before;
    bool rdtscp = false;
    bool noncanonical = false;         ///< general protection because of an address (si_addr 0, SI_KERNEL)
    bool unknown_instruction = false;  ///< #UD only because the allow-list has no such form
};

struct EngineStats {
    uint64_t blocks = 0, guest_instructions = 0, guest_bytes = 0, host_bytes = 0;
    uint64_t hot_blocks = 0, window_misses = 0;
    uint64_t exits = 0;  ///< from emitted code to C++
    uint64_t flushes = 0, tlb_misses = 0, exec_lookups = 0, voided = 0;
};

struct EngineOptions {
    uint64_t cache_bytes = 256u << 20;  ///< room for translated code; when full all of it is dropped
    uint32_t max_block = 64;            ///< guest instructions in one translated unit
    bool chain = true;                  ///< false: every block returns to the dispatcher (for tests)
    /// How often a unit must be found running before it is translated again, with more care. 0: at once.
    uint32_t hot_after = 4;
    bool windows = true;  ///< false: hot units ask the tables only (for tests)
    /// From so many units on, those that are not hot get checks that jump only on a miss. Such checks have
    /// more to do, but a processor can predict some thousands of taken jumps only.
    uint32_t straight_after = 4000;
};

/// Looks at every translated unit, and at every jump in one that is aimed at another later (tests; code
/// loaded from disk). Throws nothing; must not keep the pointers.
class BlockWatcher {
  public:
    virtual ~BlockWatcher() = default;
    virtual void translated(const struct BlockView& block) = 0;
    virtual void linked(const uint8_t* from, const uint8_t* to) = 0;
};

/// Keeps asynchronous signals from this thread while guest code runs on it: their handlers would find the
/// guest's stack pointer. The thread's mask is as it was afterwards.
class SignalsHeldBack {
  public:
    SignalsHeldBack();
    ~SignalsHeldBack();
    SignalsHeldBack(const SignalsHeldBack&) = delete;
    SignalsHeldBack& operator=(const SignalsHeldBack&) = delete;

  private:
    sigset_t before_;
};

/// Whoever lets it run holds signals back (SignalsHeldBack).
class Engine {
  public:
    explicit Engine(const EngineOptions& options = {});
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Selects the translation context of an address space; `space` is never reused for another.
    void switch_space(uint64_t space);
    /// Mappings of [start, end) in `space` changed (munmap, mprotect, a page replaced).
    void invalidate(uint64_t space, uint64_t start, uint64_t end);
    /// `copy` is a new space with the mappings of `space` (fork). Writes in both must be asked for again.
    void copy_space(uint64_t space, uint64_t copy);
    /// The same in all spaces (the machine was copied or hashed, or another machine is lent).
    void revoke_all_writes();
    /// Code pages must be looked up again in all spaces: a stamped frame was written by the lender.
    void recheck_code();
    /// All mappings of all spaces must be looked up again.
    void invalidate_all();
    /// The space is gone.
    void forget_space(uint64_t space);

    /// Runs at `cpu.rip` until something needs the kernel or exactly `budget` instructions have
    /// retired (budget ≥ 1). Precise: on return cpu and fpu are what the processor would show.
    Exit run(Cpu& cpu, Fpu& fpu, Memory& memory, uint64_t budget);
    /// The same for a caller whose registers may move meanwhile: `store` gives them back. The exit is good
    /// until the next run.
    const Exit& run_from(const Cpu& cpu, Fpu& fpu, Memory& memory, uint64_t budget);
    void store(Cpu& cpu) const;

    [[nodiscard]] EngineStats stats() const;
    /// Who looks at units from here on. With NORN_VERIFY a verifier does from the start: it ends the
    /// process when one breaks a rule.
    void watch_blocks(BlockWatcher* watcher);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// A window (Context::windows) that a unit looks through.
struct WindowView {
    uint32_t number = 0;
    uint32_t size = 0;  ///< bytes that a hit vouches for
    bool write = false;
    bool fixed = false;  ///< open (the tag is zero) or shut; its addend is where the host has its first byte
};

/// One translated unit, for a verifier.
struct BlockView {
    uint64_t guest_rip = 0;
    uint64_t stamp = 0;  ///< names the content of its guest page
    const uint8_t* guest = nullptr;
    uint32_t guest_size = 0;
    uint32_t instructions = 0;
    const uint8_t* host = nullptr;
    uint32_t host_size = 0;
    uint32_t constants_offset = 0;      ///< the block's own constants lie in [constants_offset, host_size)
    const uint8_t* leave = nullptr;     ///< where exits jump to
    uint32_t entry = 0, body = 0;       ///< offsets where it is entered: with the budget's test, behind it
    std::span<const uint32_t> resumes;  ///< offsets where C++ comes back into it
    std::span<const WindowView> windows;
    std::span<const uint32_t> links;        ///< the numbers of addresses in other pages that it leads to
    uint32_t first_site = 0, end_site = 0;  ///< the numbers of its exits
    bool bounced = false;                   ///< its memory operand is at Context::bounce
};

/// True when this host has what the engine needs (x86-64-v3); otherwise `missing` names the first
/// feature that is not there.
[[nodiscard]] bool host_supported(const char** missing);

}  // namespace norn::x86
