// Translated code and what is known about it. The code lies in one region, mapped twice: writable for
// the translator, executable for the processor. Space is handed out in order and taken back all at once.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "x86/decode.h"

namespace norn::x86 {

enum class BlockKind : uint8_t {
    normal,   ///< up to `max_block` instructions, tests the budget, links to others
    single,   ///< one instruction, then back to the dispatcher
    bounced,  ///< the same, its memory operand at Context::bounce
    hot,      ///< takes the place of a normal one that runs often
};

enum class SiteKind : uint8_t {
    host_fault,  ///< number 0: a host signal ended the block
    budget,      ///< fewer than 64 instructions are left
    load_x87,    ///< x87 state is wanted in the processor
    link,        ///< a direct jump that may be patched
    page_link,   ///< a direct jump to another page, whose unit is not known in this space
    jump,        ///< a jump whose target is in no jump cache
    next,        ///< the end of a single or bounced unit
    memory,      ///< a TLB miss
    helper,      ///< an instruction that C++ carries out; resumes behind it
    helper_end,  ///< the same at the end of a block
    syscall,
    rdtsc,
    exception,
};

/// One place where emitted code can leave.
struct Site {
    uint32_t block = 0;
    SiteKind kind = SiteKind::host_fault;
    uint8_t insn = 0;                                    ///< index of the instruction in its block
    uint16_t size = 0;                                   ///< memory: bytes accessed
    bool write = false, aligned = false, stack = false;  ///< memory
    uint32_t host = 0;     ///< offset in the region: where to resume, or the rel32 of a link (0: none)
    uint16_t target = 0;   ///< link: where it leads in the page
    uint32_t special = 0;  ///< helper: index of its instruction
    uint32_t window = 0;   ///< memory: the window it looks through, if it has one
    uint32_t link = 0;     ///< page_link: its number
    bool shared = false;   ///< memory: the table is asked for several accesses at once
};

struct InsnPosition {
    uint16_t guest;   ///< offset in the page of the block's rip
    uint16_t host;    ///< offset from the block's first byte
    uint16_t length;  ///< of the guest's instruction
};

struct Block {
    uint64_t stamp = 0;
    uint64_t rip = 0;
    uint32_t start = 0;  ///< offsets in the region
    uint32_t entry = 0;
    uint32_t body = 0;  ///< behind the budget test
    uint32_t size = 0;
    uint32_t positions = 0;
    uint16_t instructions = 0;
    uint16_t guest_size = 0;
    BlockKind kind = BlockKind::normal;
    uint64_t second_stamp = 0;  ///< not 0: its one instruction reaches into a page with this content
    uint32_t better = 0;        ///< the hot one that has taken its place
    uint8_t samples = 0;        ///< how often it was found running
    uint32_t first_site = 0, end_site = 0;
};

/// What a fixed window is onto: it has no first address that is compared, but is open or shut, and all units
/// share it.
struct FixedPlace {
    uint64_t at = 0;        ///< its first byte
    bool after_fs = false;  ///< counted from the base of fs
    bool write = false;
    uint32_t size() const { return after_fs ? 64 : 4096; }
    friend bool operator==(const FixedPlace&, const FixedPlace&) = default;
};

/// How a window fares, so that one that is hardly ever right is given up.
struct WindowUse {
    FixedPlace place;  ///< if it is fixed
    bool fixed = false;
    uint64_t last_miss = 0;  ///< the period when it missed too much
    uint8_t strikes = 0;     ///< misses in close succession
    bool shared = false;     ///< several accesses count on one check
};

class CodeCache {
  public:
    explicit CodeCache(uint64_t bytes);
    ~CodeCache();
    CodeCache(const CodeCache&) = delete;
    CodeCache& operator=(const CodeCache&) = delete;

    static constexpr uint32_t none = 0;  ///< block numbers start at 1

    const uint8_t* exec(uint32_t offset) const { return exec_ + offset; }
    uint8_t* writable(uint32_t offset) { return writable_ + offset; }
    int64_t exec_delta() const { return exec_ - writable_; }
    bool contains(uint64_t host) const { return host >= uint64_t(exec_) && host < uint64_t(exec_) + bytes_; }
    uint32_t offset_of(uint64_t host) const { return uint32_t(host - uint64_t(exec_)); }
    /// The fixed first bytes that lead to `norn_x86_leave`.
    const uint8_t* leave() const { return exec_; }

    uint32_t used() const { return used_; }
    bool room_for(uint32_t bytes) const { return used_ + bytes <= bytes_; }
    void take(uint32_t bytes) { used_ += bytes; }
    /// Leaves room so that what lies `before` bytes behind the next unit's start is at a cache line's.
    void align(uint32_t before) { used_ += (64 - (used_ + before) % 64) % 64; }
    void drop_all();

    uint32_t find(uint64_t stamp, uint64_t rip, BlockKind kind, uint64_t second_stamp = 0) const;
    uint32_t add_block(const Block& block);
    Block& block(uint32_t number) { return blocks_[number]; }
    /// Where to enter the block or what has taken its place.
    uint32_t entry_of(uint32_t number) const
    {
        const Block& b = blocks_[number];
        return b.better ? blocks_[b.better].entry : b.entry;
    }
    /// A rel32 that leads to another unit now; both are offsets in the region.
    struct Link {
        uint32_t from, to;
    };
    /// From now on who enters `old` comes to `made`, the hot ones without a detour. What was linked for that,
    /// good until the next time.
    const std::vector<Link>& replace(uint32_t old, uint32_t made);
    /// Makes the rel32 at `rel` lead to `target`; both are offsets in the region.
    void lead(uint32_t rel, uint32_t target);
    /// The block whose code contains this offset.
    const Block* at(uint32_t offset) const;

    uint32_t next_block() const { return uint32_t(blocks_.size()); }
    uint32_t next_site() const { return uint32_t(sites_.size()); }
    uint32_t add_site(const Site& site);
    Site& site(uint32_t number) { return sites_[number]; }
    uint32_t add_special(const Instruction& insn);
    const Instruction& special(uint32_t number) const { return specials_[number]; }
    std::vector<InsnPosition>& positions() { return positions_; }
    /// 0: there are no more.
    uint32_t add_window();
    WindowUse& window(uint32_t number) { return windows_[number]; }
    /// The window onto that place. 0: there are no more.
    uint32_t fixed_window(const FixedPlace& place);
    const std::vector<uint32_t>& fixed_windows() const { return fixed_windows_; }
    /// The number of an address that units of other pages lead to (Context::links). 0: there are no more.
    uint32_t link_number(uint64_t rip);
    /// 0: it has none.
    uint32_t known_link_number(uint64_t rip) const;

  private:
    struct Slot {
        uint64_t stamp = 0, rip = 0;
        uint32_t block = 0;
        BlockKind kind = BlockKind::normal;
    };
    static uint64_t hash(uint64_t stamp, uint64_t rip, BlockKind kind);
    void place(const Slot& slot);
    void grow();
    void write_head();

    uint64_t bytes_;
    uint8_t* writable_ = nullptr;
    const uint8_t* exec_ = nullptr;
    uint32_t used_ = 0;
    uint32_t entries_ = 0;
    std::vector<Slot> slots_;
    std::vector<Block> blocks_;
    std::vector<Site> sites_;
    std::vector<Instruction> specials_;
    std::vector<InsnPosition> positions_;
    std::vector<WindowUse> windows_;
    std::vector<uint32_t> fixed_windows_;                    ///< numbers
    std::unordered_map<uint64_t, uint32_t> fixed_by_place_;  ///< by a hash of the place, as `key_of` makes it
    std::unordered_map<uint64_t, uint32_t> link_numbers_;    ///< by rip
    std::vector<uint32_t> hot_;                              ///< blocks
    std::vector<Link> relinked_;
};

}  // namespace norn::x86
