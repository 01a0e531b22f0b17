// The translation context of one address space: its soft TLB, its jump cache, its code pages.
#pragma once

#include <cstdint>
#include <vector>

#include "x86/cache.h"
#include "x86/code_pages.h"
#include "x86/context.h"
#include "x86/engine.h"

namespace norn::x86 {

/// The tables are sparse, so what was filled is logged and a flush costs just that.
class Space {
  public:
    Space();
    ~Space();
    Space(const Space&) = delete;
    Space& operator=(const Space&) = delete;

    Context& context() { return *context_; }

    void fill_read(uint64_t va, const uint8_t* host);
    void fill_write(uint64_t va, uint8_t* host, FrameKey frame);
    void fill_jump(uint64_t rip, const uint8_t* host);
    /// The unit's entry for rip, if it is known; what another rip had pushed out is put back.
    const uint8_t* jump_target(uint64_t rip);
    void fill_link(uint32_t number, uint64_t rip, const uint8_t* host);
    /// The same, but for the jump cache, which is for those who do not know where they go.
    const uint8_t* link_target(uint64_t rip);
    /// Who was known comes to another entry.
    void move_entry(uint64_t rip, uint32_t link, const uint8_t* host);

    const ExecPage* exec_page(uint64_t va);
    void add_exec_page(uint64_t va, const ExecPage& page) { code_pages_.add({va, page, now_}); }
    /// True if there was one.
    bool drop_exec_page(uint64_t va) { return exec_page(va) && code_pages_.erase(va); }
    bool drop_exec_frame(FrameKey frame);
    void drop_all_exec_pages() { code_pages_.clear(); }

    /// Where the table has the byte at `ea`; nullptr: its page is not there.
    const uint8_t* host_of(uint64_t ea, bool write) const;
    /// Lets window `number` see what an access of `size` bytes at `ea`, all in one page, needs.
    void fill_window(uint32_t number, uint64_t ea, uint32_t size, const uint8_t* host, bool write);
    /// Opens a fixed window onto the place whose first byte is at `first`, and `host` in the host.
    void fill_fixed_window(uint32_t number, uint64_t first, const uint8_t* host, const FixedPlace& place);
    /// A fixed window is shut: zeros would be open.
    void shut_fixed_window(uint32_t number) { context_->windows[number] = {1, 0}; }
    /// The base of fs is another one.
    void shut_fs_windows();
    void clear_windows();
    /// Grows whenever a window is closed, or the tables lose an entry: what a hot unit knows of them is void.
    uint64_t changes() const { return changes_; }
    /// This is a copy of `parent`, of which nothing is known yet: the jumps that are known there lead here to
    /// the same units, until the code of either changes.
    void inherit(Space& parent);

    void invalidate(uint64_t start, uint64_t end);
    void flush_writes();
    void flush_jumps();
    void drop_write_frame(FrameKey frame);
    void flush_all();

    uint64_t id = 0;
    uint64_t last_used = 0;
    bool live = false;

  private:
    struct WriteFill {
        uint64_t va;
        FrameKey frame;
    };
    struct OpenWindow {
        uint64_t va = 0;                ///< of the page
        const uint8_t* host = nullptr;  ///< where that page is; nullptr: the window is closed
        bool write = false;
        bool fixed = false, after_fs = false;
    };
    KnownJump& known_jump(uint64_t rip)
    {
        return context_->known_jumps[(rip * 0x9e3779b97f4a7c15 >> 40) % known_jump_count];
    }
    void put_jump(uint64_t rip, const uint8_t* host);
    void learn_jump(uint64_t rip, const uint8_t* host) { known_jump(rip) = {rip, host, now_}; }
    const uint8_t* inherited_jump(uint64_t rip);
    const ExecPage* inherited_exec_page(uint64_t va);
    static uint32_t index_of(uint64_t va) { return uint32_t(va / page_size) & (table_size - 1); }
    static uint64_t unused_tag(uint32_t index);
    static uint64_t cleared_tag(uint32_t index);
    static bool is_filled(const TlbTable& table, uint32_t index);
    /// Of frames or pages.
    static uint32_t bucket_of(uint64_t key) { return uint32_t(key * 0x9e3779b97f4a7c15 >> 52); }
    static constexpr uint32_t buckets = 4096;
    void close_window(uint32_t number);
    void open_window(uint32_t number, const OpenWindow& window);
    void invalidate_few(uint64_t start, uint64_t end);
    void clear_read(uint64_t va) { clear(context_->read, va); }
    void clear_write(uint64_t va) { clear(context_->write, va); }
    void flush_reads();
    /// Closes the windows that `is_stale` (of an OpenWindow) says.
    template <class F>
    void close_windows(F is_stale);

    Context* context_;
    std::vector<uint32_t> reads_;  ///< the entries that were filled since all were unused
    std::vector<WriteFill> writes_;
    std::vector<uint32_t> written_frames_;  ///< how many of `writes_` are in each bucket of frames
    std::vector<OpenWindow> windows_;       ///< by number
    std::vector<uint32_t> open_windows_;    ///< numbers
    std::vector<uint32_t> window_pages_;    ///< how many open windows for loads are onto each bucket of pages
    uint64_t changes_ = 0;
    void put(TlbTable& table, uint64_t va, const uint8_t* host);
    void clear(TlbTable& table, uint64_t va);
    std::vector<uint32_t> jumps_;
    std::vector<uint32_t> links_;  ///< those that are known
    uint64_t now_ = 1;             ///< grows with each flush of the jumps, and with each copy
    uint64_t jumps_since_ = 1;     ///< what was learned before is void
    Space* parent_ = nullptr;      ///< what this is a copy of; none: its code is not the same any more
    uint64_t copied_at_ = 0;       ///< the parent's `now_` at that moment
    CodePages code_pages_;
};

}  // namespace norn::x86
