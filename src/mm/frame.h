// Frames: 4096 bytes on the host, shared between machines by counting, written by one.
//
// A frame may be written in place when its owner is the writing machine's epoch; otherwise the writer
// takes a copy: the page keeps its id, and so do all mappings of it. `grant` says that the cached hash is
// void.
#pragma once

#include <atomic>
#include <cstdint>

#include "norn/hash.h"
#include "norn/machine.h"

namespace norn {

struct Frame {
    static void* operator new(std::size_t size) { return take_node_bytes(size); }
    static void operator delete(void* bytes, std::size_t size) { give_node_bytes(bytes, size); }

    uint8_t* bytes = nullptr;
    std::atomic<uint32_t> refs{1};
    /// Who may read `hash`: machines on several threads may ask at once.
    enum class HashState : uint8_t { none, filling, valid };
    std::atomic<HashState> hash_state{HashState::none};
    uint64_t owner = 0;
    uint64_t grant = 0;
    Hash hash;
    std::atomic<uint64_t> stamp{0};  ///< names the content while code is translated from it; 0: none
    uint64_t code_lines = 0;         ///< 64-byte lines that code was translated from
};

/// A new frame of zeros (or with undefined bytes, when the caller fills all of it) with one reference.
[[nodiscard]] Frame* new_frame(bool zeroed);
void hold_frame(Frame* frame);
void drop_frame(Frame* frame);
/// 4096 zero bytes that nobody may write.
[[nodiscard]] const uint8_t* zero_bytes();

/// The page's contents, for looking. Good until the page is written, freed or the machine copied.
[[nodiscard]] const uint8_t* page_bytes(const Machine& m, PageId page);
/// The one door for writing a page: takes the frame for this machine alone, voids its hash and its
/// stamp as code.
uint8_t* grant_write(Machine& m, PageId page);
/// The same for the engine: a stamp stays unless the frame had to be replaced by a copy, since the engine
/// itself looks at `code_lines` on each store.
[[nodiscard]] Frame* grant_engine_write(Machine& m, PageId page);
/// A store hit translated code: the page gives up its stamp.
void void_stamp(Machine& m, PageId page);
/// The frame for running code from: gives it a stamp if it has none. Null while the page is all zero.
[[nodiscard]] Frame* code_frame(Machine& m, PageId page);

/// A new page with no references; counts against the machine's memory. ENOMEM at the limit.
[[nodiscard]] Result<PageId> new_page(Machine& m);
/// A new page with the same contents.
[[nodiscard]] Result<PageId> copy_page(Machine& m, PageId from);
void hold_page(Machine& m, PageId page);
/// Frees the page when the last reference goes.
void put_page(Machine& m, PageId page);

}  // namespace norn
