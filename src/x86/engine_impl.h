// The engine's inside. engine.cc: the public face and the spaces; run.cc: the dispatcher;
// slow_path.cc: TLB misses and stores to code; semantics.cc, string.cc, state.cc: what C++ carries out.
#pragma once

#include <array>
#include <memory>
#include <unordered_map>
#include <vector>

#include "x86/cache.h"
#include "x86/engine.h"
#include "x86/space.h"
#include "x86/translate.h"

namespace norn::x86 {

/// The host bytes behind one guest access, which may lie in two pages.
struct Touched {
    uint8_t* host[2] = {};
    uint64_t va[2] = {};
    FrameKey frame[2] = {};
    uint32_t size[2] = {}, offset[2] = {};
    bool hits_code[2] = {};
    bool cached = false;  ///< the TLB has it now: the access may be tried again
};

struct StringRun;

struct Engine::Impl {
    explicit Impl(const EngineOptions& o);
    ~Impl();

    // engine.cc
    Space* find_space(uint64_t id);
    Space& claim_space(uint64_t id);
    void flush_all_jumps();

    // run.cc
    void run(const Cpu& cpu, Fpu& image, Memory& lender, uint64_t budget);
    void load(const Cpu& cpu, Fpu& image);
    void store(Cpu& cpu) const;
    void refill();
    bool loop();
    bool step();
    enum class Next : uint8_t { dispatch, resume, exit };
    Next handle(Site site);
    Next handle_link(const Site& site);
    Next handle_page_link(const Site& site);
    Next handle_jump(const Site& site);
    Next handle_helper(const Site& site);
    Next handle_exception(const Site& site);
    Next handle_host_fault();
    const uint8_t* pick(uint64_t rip);
    uint64_t retired() const { return budget_given - beyond_chunk - uint64_t(left_in_chunk()); }
    uint32_t find_block(uint64_t rip, BlockKind kind);
    uint32_t find_crossing(uint64_t rip, BlockKind kind, const ExecPage& page);
    uint32_t translate(const struct TranslateRequest& request, const ExecPage& page, const ExecPage* second);
    void show(const Block& block, const uint8_t* guest, uint32_t first_site);
    bool look_up_code(uint64_t va, uint64_t address, ExecPage& out);
    void make_room();
    int64_t left_in_chunk() const { return int64_t(context->budget) >> 6; }
    void charge(int64_t instructions) { context->budget -= uint64_t(instructions) << 6; }
    /// Puts rip and budget where they were before instruction `insn` of the block.
    void rewind(const Block& block, uint32_t insn);
    uint64_t rip_of(const Block& block, uint32_t insn);
    uint64_t next_rip_of(const Block& block, uint32_t insn);

    // hot.cc
    void sample(uint32_t number);
    bool promote(uint32_t number);
    Next handle_window(const Site& site);
    Next fall_back(const Block& block, uint32_t insn);
    bool gives_up(const Site& site, bool fits);
    bool shares_no_more(uint64_t rip, uint64_t ea);
    bool in_one_page(const Site& site);
    void open_window(const Site& site, uint64_t ea, const uint8_t* host);
    void shut_new_windows();

    // slow_path.cc
    bool touch(uint64_t ea, uint32_t size, bool write, bool stack, Touched& out);
    bool touch_page(uint64_t va, uint64_t address, uint32_t size, bool write, Touched& out, int part);
    static bool holds_code(uint64_t va, uint64_t address, uint32_t size, const uint64_t* code_lines);
    void stored(const Touched& touched);
    bool x87_refuses(const Instruction& insn) const;
    Next handle_memory(const Site& site);
    Next bounce(const Instruction& insn, const Site& site, const Touched& touched);
    bool aligned_to_16(uint64_t ea, bool stack);
    bool can_jump_to(uint64_t target);
    bool jump_to(uint64_t target);
    bool decode_at(uint64_t rip, Instruction& insn);
    bool fault(Vector vector, uint32_t error = 0);
    bool page_fault(uint64_t address, uint32_t error, uint32_t code);
    bool bad_address(uint64_t ea, uint32_t size, bool write, bool stack);

    // semantics.cc: false means that `pending` says why not.
    bool carry_out(const Instruction& insn, uint64_t rip);
    bool read(uint64_t ea, void* to, uint32_t size, bool stack = false);
    bool write(uint64_t ea, const void* from, uint32_t size, bool stack = false);
    uint64_t address_of(const Instruction& insn, uint64_t next, uint64_t displacement = 0);
    bool push(uint64_t value, uint32_t size);
    bool operand_value(const Instruction& insn, uint64_t next, uint64_t& value);
    bool do_push(const Instruction& insn, uint64_t next);
    bool do_pop(const Instruction& insn, uint64_t next);
    bool do_jump(const Instruction& insn, uint64_t next);
    bool do_call(const Instruction& insn, uint64_t next);
    bool do_ret(const Instruction& insn);
    bool do_enter(const Instruction& insn);
    bool do_leave(const Instruction& insn);
    bool do_bit_string(const Instruction& insn, uint64_t next);
    bool do_cmpxchg16(const Instruction& insn, uint64_t next);
    bool do_popf(const Instruction& insn);
    bool do_moffs(const Instruction& insn);
    bool do_segment(const Instruction& insn, uint64_t next);
    bool do_xlat(const Instruction& insn);
    bool take_effect(const Instruction& insn, uint64_t next);
    void write_gpr(int reg, uint64_t value, uint32_t size);
    void cpuid();

    // string.cc
    bool do_string(const Instruction& insn, uint64_t rip);
    bool string_iteration(const StringRun& s);
    void string_advance(const StringRun& s, uint64_t iterations);
    uint64_t string_bulk(const StringRun& s, uint64_t limit);

    // state.cc
    void x87_out();
    bool do_fxsave(const Instruction& insn, uint64_t next);
    bool do_fxrstor(const Instruction& insn, uint64_t next);
    bool do_fnstenv(const Instruction& insn, uint64_t next);
    bool do_fnsave(const Instruction& insn, uint64_t next);
    bool do_maskmov(const Instruction& insn);
    bool do_reciprocal(const Instruction& insn, uint64_t next);
    uint64_t rflags() const;
    void set_rflags(uint64_t value);
    uint8_t* xmm(int n) { return fpu->fxsave.data() + 160 + std::ptrdiff_t{16} * n; }

    EngineOptions options;
    bool has_adcx;
    CodeCache cache;
    std::unique_ptr<struct TranslateScratch> scratch;
    std::vector<std::unique_ptr<Space>> spaces;
    uint64_t clock = 0;
    EngineStats stats;
    std::unique_ptr<BlockWatcher> auditor;
    BlockWatcher* watcher = nullptr;
    std::unique_ptr<uint8_t[]> bounce_memory;
    uint8_t* bounce_buffer;  ///< two pages, page-aligned

    // While running:
    Space* space = nullptr;
    Context* context = nullptr;
    Memory* memory = nullptr;
    Fpu* fpu = nullptr;
    Exit pending;
    const uint8_t* resume_at = nullptr;
    uint64_t beyond_chunk = 0;  ///< budget that is not in the context yet
    uint64_t other_flags = 0;   ///< TF, NT, AC, ID: virtual
    uint64_t budget_given = 0;  ///< to this run and all before it
    int64_t until_sample = 0;   ///< instructions
    Shunned shunned;
    size_t shut_windows = 0;     ///< of the fixed ones
    uint64_t window_period = 0;  ///< in which `misses_in_period` windows were not right
    uint32_t misses_in_period = 0;
    struct SharedMisses {
        uint32_t strikes = 0;
        uint64_t at = 0, page = 0;  ///< of the last: `retired`, and where
    };
    std::unordered_map<uint64_t, SharedMisses> shared_misses;  ///< by rip: checks for several accesses
    bool only_plain = false;  ///< the next unit to be entered must look for memory in the tables
    bool stepping = false;
    bool code_changed = false;  ///< a store of this instruction changed code: leave the block
};

/// fault.cc: makes this thread ready for emitted code, with `context` behind GS.
void enter_thread(Context* context, const CodeCache* cache);

}  // namespace norn::x86
