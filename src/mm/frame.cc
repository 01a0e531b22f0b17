// Frames and the pages that hold them.
//
//  P1  Inside one machine a frame belongs to one page. Several machines may hold it; each of their page
//      pools' chunks counts once, so `refs == 1` after un-sharing the chunk means: ours alone.
//  P2  A frame that is not owned by a machine's epoch is never written by it.
//  P3  `used_pages` is the number of live pages.
#include "mm/frame.h"

#include <cstring>

#include "host/arena.h"

namespace norn {

namespace {

constexpr std::size_t page_bytes_size = 4096;
alignas(4096) constexpr uint8_t zeros[page_bytes_size] = {};

Hash zero_hash()
{
    static const Hash hash = hash_bytes(zeros, page_bytes_size);
    return hash;
}

void notice_once(Machine& m, SpaceNotice::Kind kind)
{
    if (m.notices.empty() || m.notices.back().kind != kind) m.notices.push_back({kind, 0, 0, 0});
}

/// Makes the page's frame writable by this machine alone and voids its hash. A private page has one
/// address, whose owner sees that the frame changed; a file's page may be known at many.
Frame* own_frame(Machine& m, PageId page)
{
    const Epoch epoch = m.epoch();
    Frame* frame = m[page].frame;
    if (frame && frame->owner == epoch.owner && frame->grant == epoch.grant) return frame;

    Page& record = m.edit(page);
    const bool ours =
        frame && (frame->owner == epoch.owner || frame->refs.load(std::memory_order_acquire) == 1);
    if (!ours) {
        Frame* const fresh = new_frame(frame == nullptr);
        if (frame) {
            std::memcpy(fresh->bytes, frame->bytes, page_bytes_size);
            if (record.in_file) notice_once(m, SpaceNotice::Kind::invalidate_all);
            drop_frame(frame);
        }
        record.frame = fresh;
    } else if (frame->owner != epoch.owner) {
        // Engines of other threads may have set lines while they shared it, without order.
        if (frame->stamp.load(std::memory_order_relaxed)) frame->code_lines = ~0ull;
    }
    Frame* const owned = record.frame;
    owned->owner = epoch.owner;
    owned->grant = epoch.grant;
    owned->hash_state.store(Frame::HashState::none, std::memory_order_relaxed);
    return owned;
}

void drop_stamp(Machine& m, Frame& frame)
{
    if (!frame.stamp.load(std::memory_order_relaxed)) return;
    frame.stamp.store(0, std::memory_order_relaxed);
    frame.code_lines = 0;
    notice_once(m, SpaceNotice::Kind::recheck_code);
}

}  // namespace

Frame* new_frame(bool zeroed)
{
    auto* frame = new Frame();
    frame->bytes = take_frame_bytes();
    if (zeroed) std::memset(frame->bytes, 0, page_bytes_size);
    return frame;
}

void hold_frame(Frame* frame)
{
    frame->refs.fetch_add(1, std::memory_order_relaxed);
}

void drop_frame(Frame* frame)
{
    if (frame->refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    give_frame_bytes(frame->bytes);
    delete frame;
}

const uint8_t* zero_bytes()
{
    return zeros;
}

void Page::retain_host()
{
    if (frame) hold_frame(frame);
}

void Page::release_host()
{
    if (frame) drop_frame(frame);
    frame = nullptr;
}

Hash Page::hash_host() const
{
    if (!frame) return zero_hash();
    if (frame->hash_state.load(std::memory_order_acquire) == Frame::HashState::valid) return frame->hash;
    const Hash hash = hash_bytes(frame->bytes, page_bytes_size);
    auto expected = Frame::HashState::none;
    if (frame->hash_state.compare_exchange_strong(expected, Frame::HashState::filling)) {
        frame->hash = hash;
        frame->hash_state.store(Frame::HashState::valid, std::memory_order_release);
    }
    return hash;
}

const uint8_t* page_bytes(const Machine& m, PageId page)
{
    const Frame* frame = m[page].frame;
    return frame ? frame->bytes : zeros;
}

uint8_t* grant_write(Machine& m, PageId page)
{
    Frame* const frame = own_frame(m, page);
    drop_stamp(m, *frame);
    return frame->bytes;
}

Frame* grant_engine_write(Machine& m, PageId page)
{
    return own_frame(m, page);
}

void void_stamp(Machine& m, PageId page)
{
    if (Frame* const frame = m[page].frame) {
        frame->stamp.store(0, std::memory_order_relaxed);
        frame->code_lines = 0;
    }
}

Frame* code_frame(Machine& m, PageId page)
{
    Frame* const frame = m[page].frame;
    if (!frame) return nullptr;
    uint64_t none = 0;
    if (!frame->stamp.load(std::memory_order_acquire))
        frame->stamp.compare_exchange_strong(none, fresh_epoch(), std::memory_order_acq_rel);
    return frame;
}

Result<PageId> new_page(Machine& m)
{
    if (m.state.used_pages >= m.state.limits.memory_pages || host_memory_spent()) return ENOMEM;
    ++m.state.used_pages;
    m.call_bytes += page_bytes_size;
    return m.allocate<Page>();
}

Result<PageId> copy_page(Machine& m, PageId from)
{
    const PageId page = TRY(new_page(m));
    if (const Frame* source = m[from].frame) {
        Frame* const frame = new_frame(false);
        std::memcpy(frame->bytes, source->bytes, page_bytes_size);
        frame->owner = m.epoch().owner;
        frame->grant = m.epoch().grant;
        m.edit(page).frame = frame;
    }
    return page;
}

void hold_page(Machine& m, PageId page)
{
    ++m.edit(page).refs;
}

void put_page(Machine& m, PageId page)
{
    Page& record = m.edit(page);
    NORN_ASSERT(record.refs > 0);
    if (--record.refs > 0) return;
    constexpr uint64_t cheaper_than_making = 4;
    m.call_bytes += page_bytes_size / cheaper_than_making;
    m.free(page);
    --m.state.used_pages;
}

}  // namespace norn
