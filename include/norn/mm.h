// Address spaces and pages: the records.
//
//  M1  A page's `refs` counts the slots of radix nodes (page tables, file contents) that name it.
//  M2  A node's `refs` counts the slots and roots that name it. A node with more than one is never
//      changed: who wants to change it takes a copy, from the root down.
//  M3  A private page may be written through a page table when every node on the way and the page
//      itself have one reference; otherwise the page is copied to a new id first (fork's
//      copy-on-write). Copies of the machine are told apart below that, in the pool (same id, new
//      frame), so all mappings of a shared page move together.
#pragma once

#include <array>
#include <cstdint>

#include "norn/fields.h"
#include "norn/hash.h"

namespace norn {

struct Frame;  // mm/frame.h: 4096 bytes on the host, shared between machines

/// A page of memory or of a file. Its bytes are in a host frame; no frame means all zero.
struct Page {
    Frame* frame = nullptr;
    uint32_t refs = 0;
    uint32_t in_file = 0;  ///< part of a file's contents: mappings of any space may show it
    NORN_FIELDS(frame, refs, in_file)

    void retain_host();
    void release_host();
    [[nodiscard]] Hash hash_host() const;
    void forget_host() { frame = nullptr; }
};

enum class NodeKind : uint8_t { page_table, file_pages, descriptors, pids, futexes };

/// A node of a persistent radix tree from 64-bit keys to ids, 32 wide, path-compressed: it covers
/// the 32 << shift keys from `base`, and `shift` is a multiple of 5. Leaves (shift 0) hold entries.
struct Node {
    uint64_t base = 0;
    uint32_t refs = 0;
    uint32_t used = 0;   ///< bitmap of the slots in use
    uint32_t marks = 0;  ///< leaves: a bit per entry, of the tree's own meaning (close-on-exec)
    NodeKind kind = NodeKind::page_table;
    uint8_t shift = 0;
    uint16_t unused = 0;
    std::array<uint32_t, 32> slot{};  ///< leaves: raw ids of entries; inner: raw NodeIds
    NORN_FIELDS(base, refs, used, marks, kind, shift, unused, slot)
};

enum VmaFlag : uint32_t {
    vma_read = 1,
    vma_write = 2,
    vma_exec = 4,
    vma_shared = 8,  ///< stores reach the file or the sharers
    vma_growsdown = 16,
    vma_noreserve = 32,
    vma_may_write = 64,  ///< mprotect may add write (the file was opened so, or private)
    vma_dontfork = 128,
    vma_wipeonfork = 256,
    vma_locked = 512,
    vma_stack = 1024,    ///< shown as [stack]
    vma_vdso = 2048,     ///< shown as [vdso]
    vma_account = 4096,  ///< counted against overcommit
    vma_dontdump = 8192,
    vma_vvar = 16384,
};

/// A mapping; a node of a persistent AVL tree by `start` (shared after fork as Node is).
struct Vma {
    uint64_t start = 0, end = 0;
    uint64_t offset = 0;  ///< of `start` in the file or shared object, bytes
    uint32_t flags = 0;
    uint32_t refs = 0;
    InodeId inode;  ///< pages come from here; none: anonymous
    FileId file;    ///< keeps the open file (for /proc/PID/maps); none for anonymous
    VmaId left, right;
    uint32_t height = 1;
    TextId name;                   ///< PR_SET_VMA_ANON_NAME
    uint64_t first = 0, last = 0;  ///< lowest start and highest end in the subtree
    uint64_t widest_gap = 0;       ///< widest unmapped run between two mappings of the subtree
    NORN_FIELDS(start, end, offset, flags, refs, inode, file, left, right, height, name, first, last,
                widest_gap)
};

/// An address space.
struct Mm {
    uint64_t start_code = 0, end_code = 0, start_data = 0, end_data = 0;
    uint64_t start_brk = 0, brk = 0, start_stack = 0;
    uint64_t arg_start = 0, arg_end = 0, env_start = 0, env_end = 0;
    uint64_t mmap_base = 0;
    uint64_t total_pages = 0;  ///< mapped, of all kinds
    uint64_t data_pages = 0;   ///< private writable (RLIMIT_DATA)
    uint64_t stack_pages = 0;
    uint64_t committed_pages = 0;  ///< accounted
    uint64_t locked_pages = 0;     ///< of mlock(2), and there is no need that they are there
    uint64_t rss_pages = 0;        ///< entries in the page table
    uint64_t hiwater_rss = 0;
    uint64_t vdso = 0;
    uint64_t stack_limit = 8ull << 20;  ///< RLIMIT_STACK of the process: a fault knows only the space
    uint64_t address_limit = ~0ull;     ///< RLIMIT_AS, likewise
    uint64_t space = 0;  ///< never reused in this machine: names the address space to an engine
    VmaId vmas;          ///< root of the tree
    NodeId page_table;   ///< root
    FileId exe;
    uint32_t users = 0;  ///< tasks
    uint32_t map_count = 0;
    uint32_t dumpable = 1;
    std::array<uint64_t, 64> auxv{};
    uint32_t auxv_words = 0;
    uint32_t fork_exceptions = 0;  ///< mappings that fork does not simply share: dontfork, wipeonfork, locked
    uint32_t membarrier = 0;       ///< membarrier(2) commands that are registered
    uint32_t unused = 0;
    NORN_FIELDS(start_code, end_code, start_data, end_data, start_brk, brk, start_stack, arg_start, arg_end,
                env_start, env_end, mmap_base, total_pages, data_pages, stack_pages, committed_pages,
                rss_pages, hiwater_rss, vdso, stack_limit, address_limit, space, vmas, page_table, exe, users,
                map_count, dumpable, auxv, auxv_words, locked_pages, fork_exceptions, membarrier, unused)
};

}  // namespace norn
