// The mappings of an address space: a persistent AVL tree by start, and the counts that follow from it.
//
//  V1  Mappings do not overlap, are page-aligned and not empty.
//  V2  Neighbours that Linux would merge are one mapping.
//  V3  A node with more than one reference is never changed (as M2).
//  V4  total_pages, data_pages, stack_pages, committed_pages, map_count, fork_exceptions and
//      locked_pages of an Mm are what `account` makes of its mappings.
#pragma once

#include <cstdint>

#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

inline constexpr uint64_t guest_page = 4096;
inline constexpr uint64_t max_map_count = 65530;
inline constexpr uint64_t stack_guard_bytes = 256 * guest_page;
inline constexpr uint64_t mmap_min_addr = 65536;
inline constexpr uint32_t vma_rwx = vma_read | vma_write | vma_exec;

[[nodiscard]] constexpr uint64_t page_down(uint64_t address)
{
    return address & ~(guest_page - 1);
}
/// 0 when it overflows, as PAGE_ALIGN does.
[[nodiscard]] constexpr uint64_t page_up(uint64_t length)
{
    return (length + guest_page - 1) & ~(guest_page - 1);
}

/// What a mapping is, apart from its place in the tree.
struct Mapping {
    uint64_t start = 0, end = 0;
    uint64_t offset = 0;
    uint32_t flags = 0;
    InodeId inode;
    FileId file;
    TextId name;  ///< of the mapping that this was taken from; copied when put in the tree

    [[nodiscard]] uint64_t pages() const { return (end - start) / guest_page; }
    [[nodiscard]] bool covers(uint64_t va) const { return va >= start && va < end; }
    /// Offset in the file of an address.
    [[nodiscard]] uint64_t offset_of(uint64_t va) const { return va - start + offset; }
};
[[nodiscard]] Mapping mapping_of(const Machine& m, VmaId id);

/// The mapping with the highest end ≤ `va`, or none.
[[nodiscard]] VmaId find_vma_before(const Machine& m, MmId mm, uint64_t va);

/// Adds a mapping where nothing is, one reference to its inode and file of its own; merges it with
/// its neighbours.
void insert_mapping(Machine& m, MmId mm, const Mapping& mapping);
/// Takes the mapping that starts at `start` out.
void remove_mapping(Machine& m, MmId mm, uint64_t start);
/// Cuts the mapping that holds `va`, if it starts before, in two at `va`. No limit is looked at.
void split_mapping(Machine& m, MmId mm, uint64_t va);
/// Merges the mapping that starts at `va` with the one that ends there, where Linux would.
void merge_at(Machine& m, MmId mm, uint64_t va);
/// Changes a mapping's flags, in place.
void set_mapping_flags(Machine& m, MmId mm, uint64_t start, uint32_t flags);
/// Moves the start down or the end up; the space between must be free.
void grow_mapping(Machine& m, MmId mm, uint64_t start, uint64_t new_start, uint64_t new_end);

/// Shares and drops trees.
[[nodiscard]] VmaId share_vmas(Machine& m, VmaId root);
void drop_vmas(Machine& m, VmaId root);

/// The highest free run of `length` bytes below `below`, its start; 0 when there is none.
[[nodiscard]] uint64_t highest_gap(const Machine& m, MmId mm, uint64_t length, uint64_t below);
/// The lowest free run at or above `above`; 0 when there is none.
[[nodiscard]] uint64_t lowest_gap(const Machine& m, MmId mm, uint64_t length, uint64_t above);
/// Where a mapping begins to claim space: a growing stack keeps a guard gap below itself.
[[nodiscard]] uint64_t claimed_start(const Vma& vma);
/// No mapping claims any of [start, end)?
[[nodiscard]] bool range_free(const Machine& m, MmId mm, uint64_t start, uint64_t end);
/// Pages of [start, end) that are mapped.
[[nodiscard]] uint64_t mapped_pages(const Machine& m, MmId mm, uint64_t start, uint64_t end);

}  // namespace norn
