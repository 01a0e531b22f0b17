#include "x86/space.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <new>

namespace norn::x86 {

namespace {

/// A log of fills for stores that is longer is emptied together with what it names.
constexpr size_t log_limit = 1u << 17;

/// A tag that no target with this index hits.
constexpr uint64_t invalid_jump(uint32_t index)
{
    return index == 0 ? ~0ull : 0;
}

}  // namespace

namespace {
/// Fails as `new` does: whoever keeps memory back for that moment is asked for it first.
void* map_context()
{
    for (;;) {
        void* const p = mmap(nullptr, sizeof(Context), PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (p != MAP_FAILED) return p;
        const std::new_handler handler = std::get_new_handler();
        if (!handler) {
            std::perror("norn: address-space context");
            std::_Exit(125);
        }
        handler();
    }
}
}  // namespace

Space::Space()
{
    context_ = static_cast<Context*>(map_context());
    written_frames_.resize(buckets);
    window_pages_.resize(buckets);
    context_->self = context_;
    for (uint32_t i : {0u, table_size - 1}) {
        context_->read.tag[i] = unused_tag(i);
        context_->write.tag[i] = unused_tag(i);
    }
    context_->jump_tag[0] = invalid_jump(0);
}

Space::~Space()
{
    munmap(context_, sizeof(Context));
}

/// A tag that no address with this index hits. Zero would be hit by page 0, so by an access with index 0
/// or, when it runs over the end of the address space, with the last index.
uint64_t Space::unused_tag(uint32_t index)
{
    return index == 0 || index == table_size - 1 ? 0 - uint64_t(table_size / 2) * page_size : 0;
}

/// Another such tag, of an entry that is in the log.
uint64_t Space::cleared_tag(uint32_t index)
{
    return 0 - uint64_t(table_size + (index ^ table_size / 2)) * page_size;
}

bool Space::is_filled(const TlbTable& table, uint32_t index)
{
    return table.tag[index] != unused_tag(index) && table.tag[index] != cleared_tag(index);
}

void Space::clear(TlbTable& table, uint64_t va)
{
    const uint32_t i = index_of(va);
    if (table.tag[i] != 0 - va) return;
    table.tag[i] = cleared_tag(i);
    ++changes_;
}

void Space::put(TlbTable& table, uint64_t va, const uint8_t* host)
{
    const uint32_t i = index_of(va);
    const uint64_t addend = reinterpret_cast<uint64_t>(host) - va;
    const bool same = table.tag[i] == 0 - va && table.addend[i] == addend;
    if (!same && is_filled(table, i)) ++changes_;
    table.tag[i] = 0 - va;
    table.addend[i] = addend;
}

void Space::fill_read(uint64_t va, const uint8_t* host)
{
    // Windows onto a page are where the table had it last.
    if (window_pages_[bucket_of(va)] && host_of(va, false) != host)
        close_windows([&](const OpenWindow& w) { return !w.write && w.va == va && w.host != host; });
    const uint32_t i = index_of(va);
    if (context_->read.tag[i] == unused_tag(i)) reads_.push_back(i);
    put(context_->read, va, host);
}

void Space::fill_write(uint64_t va, uint8_t* host, FrameKey frame)
{
    if (writes_.size() > log_limit) flush_writes();
    put(context_->write, va, host);
    writes_.push_back({va, frame});
    ++written_frames_[bucket_of(frame)];
}

template <class F>
void Space::close_windows(F is_stale)
{
    changes_ += std::erase_if(open_windows_, [&](uint32_t number) {
        if (!is_stale(windows_[number])) return false;
        close_window(number);
        return true;
    });
}

/// Its number stays in `open_windows_`.
void Space::close_window(uint32_t number)
{
    OpenWindow& window = windows_[number];
    if (!window.write) --window_pages_[bucket_of(window.va)];
    if (window.fixed)
        shut_fixed_window(number);
    else
        context_->windows[number] = {};
    window = {};
}

const uint8_t* Space::host_of(uint64_t ea, bool write) const
{
    const TlbTable& table = write ? context_->write : context_->read;
    const uint32_t i = index_of(ea);
    if (table.tag[i] + (ea & ~page_mask) != 0) return nullptr;
    return reinterpret_cast<const uint8_t*>(ea + table.addend[i]);
}

void Space::open_window(uint32_t number, const OpenWindow& window)
{
    if (number >= windows_.size()) windows_.resize(number + 64);
    if (windows_[number].host)
        close_window(number);
    else
        open_windows_.push_back(number);
    windows_[number] = window;
    if (!window.write) ++window_pages_[bucket_of(window.va)];
}

void Space::fill_fixed_window(uint32_t number, uint64_t first, const uint8_t* host, const FixedPlace& place)
{
    const uint64_t va = first & ~page_mask;
    open_window(number, {va, host - (first & page_mask), place.write, true, place.after_fs});
    context_->windows[number] = {0, reinterpret_cast<uint64_t>(host)};
}

void Space::shut_fs_windows()
{
    close_windows([](const OpenWindow& w) { return w.after_fs; });
}

void Space::fill_window(uint32_t number, uint64_t ea, uint32_t size, const uint8_t* host, bool write)
{
    const uint64_t va = ea & ~page_mask;
    open_window(number, {va, host - (ea & page_mask), write});
    // The last access it allows must end in the page.
    const uint64_t first = (ea & page_mask) < window_bytes ? va : va + window_bytes - (size - 1);
    context_->windows[number] = {0 - 2 * first, reinterpret_cast<uint64_t>(host) - ea};
}

void Space::clear_windows()
{
    close_windows([](const OpenWindow&) { return true; });
}

void Space::put_jump(uint64_t rip, const uint8_t* host)
{
    const uint32_t i = uint32_t(rip) & (jump_table_size - 1);
    if (context_->jump_tag[i] == invalid_jump(i)) jumps_.push_back(i);
    context_->jump_tag[i] = 0 - rip;
    context_->jump_host[i] = reinterpret_cast<uint64_t>(host);
}

void Space::fill_jump(uint64_t rip, const uint8_t* host)
{
    learn_jump(rip, host);
    put_jump(rip, host);
}

void Space::fill_link(uint32_t number, uint64_t rip, const uint8_t* host)
{
    learn_jump(rip, host);
    if (!context_->links[number]) links_.push_back(number);
    context_->links[number] = reinterpret_cast<uint64_t>(host);
}

void Space::move_entry(uint64_t rip, uint32_t link, const uint8_t* host)
{
    if (jump_target(rip)) fill_jump(rip, host);
    if (link && context_->links[link]) fill_link(link, rip, host);
}

const uint8_t* Space::jump_target(uint64_t rip)
{
    const uint32_t i = uint32_t(rip) & (jump_table_size - 1);
    if (context_->jump_tag[i] + rip == 0) return reinterpret_cast<const uint8_t*>(context_->jump_host[i]);
    const uint8_t* const host = link_target(rip);
    if (host) put_jump(rip, host);
    return host;
}

const uint8_t* Space::link_target(uint64_t rip)
{
    const KnownJump& known = known_jump(rip);
    if (known.rip == rip && known.learned >= jumps_since_) return known.host;
    return parent_ ? inherited_jump(rip) : nullptr;
}

/// A page that the parent knew before the copy, and has not lost, is the same here: its clock goes on when it
/// comes to serve another address space.
const uint8_t* Space::inherited_jump(uint64_t rip)
{
    const KnownJump& known = parent_->known_jump(rip);
    if (known.rip != rip || known.learned < parent_->jumps_since_) return nullptr;
    // Stores to its pages must find that they hold code.
    const uint64_t va = rip & ~page_mask, next = (rip + longest_instruction - 1) & ~page_mask;
    if (!exec_page(va) || (next != va && !exec_page(next))) return nullptr;
    learn_jump(rip, known.host);
    return known.host;
}

const ExecPage* Space::inherited_exec_page(uint64_t va)
{
    const CodePage* const known = parent_->code_pages_.find(va);
    if (!known || known->learned > copied_at_) return nullptr;
    add_exec_page(va, known->page);
    return &code_pages_.find(va)->page;
}

const ExecPage* Space::exec_page(uint64_t va)
{
    if (const CodePage* const known = code_pages_.find(va)) return &known->page;
    return parent_ ? inherited_exec_page(va) : nullptr;
}

bool Space::drop_exec_frame(FrameKey frame)
{
    return code_pages_.erase_if([&](const CodePage& known) { return known.page.frame == frame; });
}

/// A few pages: what the log of stores says of them may stay, since clearing looks at the tag.
void Space::invalidate_few(uint64_t start, uint64_t end)
{
    bool had_code = false;
    for (uint64_t va = start; va < end; va += page_size) {
        clear_read(va);
        clear_write(va);
        had_code |= drop_exec_page(va);
    }
    if (had_code) flush_jumps();
}

void Space::invalidate(uint64_t start, uint64_t end)
{
    constexpr uint64_t few = 32;
    start &= ~page_mask;
    close_windows([&](const OpenWindow& w) { return w.va >= start && w.va < end; });
    if (end - start <= few * page_size) return invalidate_few(start, end);
    const auto inside = [&](uint64_t va) { return va >= start && va < end; };
    for (const uint32_t i : reads_)
        if (const uint64_t va = 0 - context_->read.tag[i]; inside(va)) clear_read(va);
    for (const WriteFill& fill : writes_)
        if (inside(fill.va)) clear_write(fill.va);
    if (code_pages_.erase_if([&](const CodePage& known) { return inside(known.va); }) || parent_)
        flush_jumps();
}

void Space::flush_reads()
{
    for (const uint32_t i : reads_) context_->read.tag[i] = unused_tag(i);
    changes_ += reads_.size();
    reads_.clear();
}

void Space::flush_writes()
{
    close_windows([](const OpenWindow& w) { return w.write; });
    for (const WriteFill& fill : writes_) {
        clear_write(fill.va);
        written_frames_[bucket_of(fill.frame)] = 0;
    }
    writes_.clear();
}

void Space::drop_write_frame(FrameKey frame)
{
    if (!written_frames_[bucket_of(frame)]) return;
    close_windows([](const OpenWindow& w) { return w.write; });
    written_frames_[bucket_of(frame)] -=
        static_cast<uint32_t>(std::erase_if(writes_, [&](const WriteFill& fill) {
            if (fill.frame != frame) return false;
            clear_write(fill.va);
            return true;
        }));
}

void Space::flush_jumps()
{
    for (uint32_t i : jumps_) context_->jump_tag[i] = invalid_jump(i);
    jumps_.clear();
    for (const uint32_t number : links_) context_->links[number] = 0;
    links_.clear();
    jumps_since_ = ++now_;
    parent_ = nullptr;
}

void Space::inherit(Space& parent)
{
    parent_ = &parent;
    copied_at_ = parent.now_++;
}

void Space::flush_all()
{
    clear_windows();
    flush_reads();
    flush_writes();
    flush_jumps();
    drop_all_exec_pages();
}

}  // namespace norn::x86
