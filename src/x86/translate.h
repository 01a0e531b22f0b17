// Turns guest code into a unit of emitted code (emit.h has the grammar).
//
// translate.cc drives; operands.cc redirects memory operands and replaces stolen registers;
// control.cc has jumps, calls and the stack; windows.cc what hot units do to check memory less often.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <unordered_map>

#include "x86/cache.h"
#include "x86/emit.h"
#include "x86/engine.h"

namespace norn::x86 {

/// What has not worked for the instruction at an address, by address.
enum Shun : uint8_t { shun_sharing = 1, shun_window = 2 };
using Shunned = std::unordered_map<uint64_t, uint8_t>;

struct TranslateRequest {
    uint64_t stamp = 0, second_stamp = 0;
    uint64_t rip = 0;
    std::span<const uint8_t> code;  ///< from rip to the end of what may be fetched
    bool crosses = false;           ///< `code` is one instruction that spans two pages
    BlockKind kind = BlockKind::normal;
    uint32_t max_instructions = 64;
    bool chain = true;
    const Shunned* shunned = nullptr;  ///< for hot units
    bool windows = true;               ///< the same
    bool straight = false;             ///< checks jump only on a miss; for normal units
};

/// Where the translator keeps what it knows of the unit at hand; made once and used again, since clearing
/// it would cost more than a short unit.
struct TranslateScratch {
    static constexpr uint32_t max_instructions = 64;

    struct Cold {
        uint8_t* rel = nullptr;
        uint32_t site = 0;
        HostMem ea;           ///< loaded into r15 first, if it has a base
        bool link = false;    ///< to `target`
        uint32_t refund = 0;  ///< instructions charged for behind this side exit
        uint64_t target = 0;
        bool keeps_carry = false;              ///< in rcx's lowest bit
        bool place = false, after_fs = false;  ///< r15 is to be `target` (from the base of fs)
    };

    /// Accesses that one check vouches for.
    struct Group {
        /// From the first to behind the last byte, from what the register (or the sum of two) was then.
        int64_t low = 0, high = 0;
        int64_t origin = 0;  ///< r15 at the check is so far from that, if the access is not by one register
        bool write = false;
        bool closed = false;  ///< nothing may be added
        int held = -1;        ///< not -1: its addend comes from the table, and is kept in Context::held
        uint32_t window = 0, cold = 0;
        /// Where emitted code has `low` (twice that for a window), and `high` - 1 if it asks the table; from
        /// `origin`.
        std::array<uint8_t*, 2> low_at{};
        uint8_t* last_at = nullptr;
    };

    std::array<Instruction, max_instructions> insns;
    std::array<uint16_t, max_instructions> guest_offset;  ///< in the page
    std::array<uint16_t, max_instructions> host_offset;
    std::array<Cold, 4ull * max_instructions> cold;
    std::array<Group, 4ull * max_instructions> groups;
};

class Translator {
  public:
    static constexpr uint32_t max_instructions = TranslateScratch::max_instructions;
    static constexpr uint32_t max_unit_bytes = 48u << 10;
    static constexpr uint32_t bytes_before_entry = 10;  ///< the budget's stub

    Translator(CodeCache& cache, TranslateScratch& scratch, const TranslateRequest& request);

    /// The new block's number, or `CodeCache::none` when the first instruction reaches past `code`.
    uint32_t run();
    /// The 64-byte lines of the page that the unit was made from.
    uint64_t lines() const { return lines_; }

  private:
    /// A guest address as an instruction gives it, or as the stack has it.
    struct GuestMem {
        int base = -1, index = -1;
        int scale = 0;
        int32_t disp = 0;
        int segment = 0;
        bool absolute = false;  ///< the address is `address`
        bool address32 = false;
        uint64_t address = 0;
    };
    using Cold = TranslateScratch::Cold;

    // translate.cc
    bool decode_all();
    bool repeat_string(uint32_t limit);
    void emit_head();
    void emit_instruction(const Instruction& insn);
    void emit_special(const Instruction& insn);
    void emit_tail();
    void emit_cold();
    void emit_link_stub(const Cold& cold);
    uint32_t finish();
    uint32_t site(SiteKind kind);
    void exit(uint32_t site_number);
    void exit_to(SiteKind kind, uint64_t target);
    uint32_t helper_site(const Instruction& insn, SiteKind kind);
    void helper(const Instruction& insn, bool ends_block);
    uint64_t page() const { return rip_ & ~page_mask; }
    uint64_t rip_of(uint32_t index) const { return page() + guest_offset_[index]; }
    uint64_t next_rip() const { return rip_of(current_) + insns_[current_].length; }
    bool is_whole() const { return kind_ == BlockKind::normal || kind_ == BlockKind::hot; }
    bool may_link() const { return is_whole() && request_.chain; }
    /// A unit for an instruction that goes on in the next page may be linked to by none.
    bool may_link_to(uint64_t target) const
    {
        const bool whole = (target & page_mask) <= page_size - longest_instruction || target == rip_;
        return may_link() && !request_.crosses && (target & ~page_mask) == page() && whole;
    }
    static constexpr uint32_t most_rounds = 8;
    bool follow(const Instruction& insn, uint64_t& next);
    bool is_last() const { return current_ + 1 == count_; }

    // operands.cc
    GuestMem operand(const Instruction& insn) const;
    static GuestMem stack(int32_t disp) { return {rsp, -1, 0, disp, 0, false, false, 0}; }
    void address_to_t1(const GuestMem& mem);
    HostMem check(const GuestMem& mem, uint32_t size, bool write, bool aligned, bool t0_free);
    void miss(uint8_t* rel, const HostMem& ea, uint32_t size, bool write, bool aligned, bool stack_segment);
    void retry_at(const uint8_t* at);
    uint8_t* unless_zero();
    void load_held(int scratch, int guest);
    void store_held(int guest);
    /// r15 was written: it has the guest register now (-1: none).
    void hold(int guest)
    {
        held_ = guest;
        addend_of_ = -1;
    }
    static bool leaves_scratch(Op op);
    void encode(const Instruction& insn, int reg, int rm, const HostMem* mem, int opreg);
    void generic(const Instruction& insn);
    void high_byte(const Instruction& insn);
    void load_effective_address(const Instruction& insn);
    bool names_high_byte(const Instruction& insn) const;

    // windows.cc
    struct Member {
        int group = -1;
        int32_t moved = 0;  ///< by how much the register has changed since the group's check
    };
    std::optional<HostMem> through_window(const GuestMem& mem, uint32_t size, bool write, int in_scratch,
                                          bool t0_free);
    /// Accesses by base + index * scale.
    struct IndexedMember {
        int base = -1, index = -1, scale = 0;
        Member as;
        bool uses(int reg) const { return base == reg || index == reg; }
    };
    static bool is_direct(const GuestMem& mem) { return mem.index < 0 && !mem.segment && !mem.address32; }
    Member* member_of(const GuestMem& mem);
    bool join(const Member& member, int64_t at, uint32_t size, bool write);
    int open_group(const GuestMem& mem, uint32_t size, bool write);
    void enter_member(const GuestMem& mem, int group);
    std::optional<HostMem> through_fixed(const GuestMem& mem, uint32_t size, bool write, int in_scratch);
    bool may_hold(const GuestMem& mem, bool write) const;
    static bool changes_address(const Instruction& insn, const GuestMem& mem);
    void extend(TranslateScratch::Group& group, int64_t low, int64_t high);
    HostMem check_shared(const GuestMem& mem, int group);
    HostMem check_shared_sum(const GuestMem& mem, int group, bool t0_free);
    HostMem check_window(const GuestMem& mem, int group, bool t0_free);
    HostMem use_group(const GuestMem& mem, int group, int in_scratch, bool t0_free);
    void load_addend(int32_t at, int group, int in_scratch);
    void look_through(uint32_t window);
    void window_miss(int group, const HostMem& ea, const uint8_t* retry);
    HostMem sum_of_scratch(int32_t disp, bool t0_free);
    uint8_t shunned_here() const;
    void track(const Instruction& insn);
    void track_generic(const Instruction& insn);
    void forget(int reg);
    void forget_all() { members_.fill({}), indexed_.fill({}), fixed_count_ = 0; }
    void move_base(int reg, int64_t distance);
    void copy_base(int to, int from, int64_t distance);

    // control.cc
    void link(uint64_t target);
    void cold_link(uint8_t* rel, uint64_t target, uint32_t refund);
    void page_link(uint64_t target);
    uint8_t* ask_jump_cache();
    void indirect();
    void jump_if(const Instruction& insn);
    void loop(const Instruction& insn);
    void push_return_address();
    void call(const Instruction& insn);
    void jump_indirect(const Instruction& insn);
    void call_indirect(const Instruction& insn);
    void ret(const Instruction& insn);
    void push(const Instruction& insn);
    void pop(const Instruction& insn);
    void leave();
    void string(const Instruction& insn);
    void string_loop(const Instruction& insn);
    void string_step(const Instruction& insn);
    void string_is_upward(const Instruction& insn);
    void link_if_rcx_is_zero(uint64_t target, uint32_t refund);
    void value_to(int scratch, const Instruction& insn);

    static bool in_slot(int guest) { return guest >= r9 && guest <= r11; }
    static int host_of(int guest)
    {
        return guest == rcx ? host_rcx_home : guest >= r13 ? guest - host_below : guest;
    }
    static int32_t slot_of(int guest) { return 8 * guest; }

    CodeCache& cache_;
    const TranslateRequest& request_;
    const uint64_t rip_;
    const BlockKind kind_;
    Emitter e_;
    uint8_t* start_;
    uint8_t* entry_ = nullptr;
    uint8_t* body_ = nullptr;
    const uint32_t block_;
    const uint32_t first_site_;
    uint32_t current_ = 0;
    uint32_t count_ = 0;
    uint64_t lines_ = 0;
    uint32_t round_ = 0;           ///< instructions in one round of the loop that the unit is
    uint64_t end_rip_ = 0;         ///< where the unit goes on if its last instruction does not say
    uint32_t straight_bytes_ = 0;  ///< of guest code before the first jump that was followed
    bool uses_x87_ = false;
    bool ended_ = false;  ///< the last instruction left the block itself
    DecodeStatus stop_ = DecodeStatus::ok;
    std::array<Instruction, max_instructions>& insns_;
    std::array<uint16_t, max_instructions>& guest_offset_;
    std::array<uint16_t, max_instructions>& host_offset_;
    std::array<Cold, 4ull * max_instructions>& cold_;
    uint32_t cold_count_ = 0;
    std::array<TranslateScratch::Group, 4ull * max_instructions>& groups_;
    uint32_t group_count_ = 0;
    uint32_t held_count_ = 0;
    std::array<Member, 16> members_{};
    std::array<IndexedMember, 8> indexed_{};
    uint32_t next_indexed_ = 0;
    std::array<uint32_t, 16> fixed_{};  ///< the fixed windows that have been found open
    uint32_t fixed_count_ = 0;
    /// The guest register in a slot that r15 has as well, so that it need not wait for what was just stored.
    int held_ = -1;
    int addend_of_ = -1;  ///< the group whose addend r15 has; or a fixed window, behind all groups
};

/// movs, stos or lods, once, without prefixes that change its addresses.
bool is_simple_string(const Instruction& insn);
bool is_string_loop(const Instruction& insn);

/// Whether an instruction that hits the slow path is carried out by C++ as a whole (semantics.cc),
/// because it has more than its one generic memory operand.
bool is_structured(Op op);

}  // namespace norn::x86
