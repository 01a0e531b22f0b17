// Address spaces as programs change them (mmap(2), munmap(2), mprotect(2), mremap(2), brk(2)), and as
// fork and exec do.
#pragma once

#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

/// An empty address space with one user.
[[nodiscard]] MmId new_mm(Machine& m);
/// fork's copy: shares mappings and pages until one side writes; pages are not looked at, so the cost
/// does not depend on how many there are. ENOMEM when overcommit refuses.
[[nodiscard]] Result<MmId> copy_mm(Machine& m, MmId from);
/// One user less; the last one gives everything back.
void put_mm(Machine& m, MmId mm);

/// What is to be mapped (flags: VmaFlag).
struct MapRequest {
    uint64_t address = 0;  ///< 0: choose
    uint64_t length = 0;
    uint32_t flags = 0;
    bool fixed = false, no_replace = false, populate = false;
    bool may_map_low = false;  ///< below vm.mmap_min_addr (CAP_SYS_RAWIO)
    bool in_low_2g = false;    ///< MAP_32BIT
    InodeId inode;             ///< none: anonymous
    FileId file;
    uint64_t offset = 0;
};
/// Maps; `rlimits` are those of `limits_of` (RLIMIT_AS, RLIMIT_DATA), none when exec builds.
[[nodiscard]] Result<uint64_t> map(Machine& m, MmId mm, SignalId limits_of, const MapRequest& request);
/// Takes [start, end), page-aligned, away; what is not mapped there does not matter.
[[nodiscard]] Result<> unmap(Machine& m, MmId mm, uint64_t start, uint64_t end);
/// The mapping that holds `va`, or none.
[[nodiscard]] VmaId find_vma(const Machine& m, MmId mm, uint64_t va);
/// The first mapping that ends after `va`, or none.
[[nodiscard]] VmaId find_vma_after(const Machine& m, MmId mm, uint64_t va);

/// Where mappings begin, downwards, below a stack that may grow to `stack_limit` (no randomisation).
[[nodiscard]] uint64_t mmap_base_for(uint64_t stack_limit);
/// Notes what of a process's limits its faults must respect.
void note_limits(Machine& m, MmId mm, SignalId limits_of);
/// Is the inode mapped shared where stores may reach it?
[[nodiscard]] bool mapped_writably(const Machine& m, InodeId inode);
/// May the space grow by so many pages (RLIMIT_AS, RLIMIT_DATA)?
[[nodiscard]] bool may_expand(const Machine& m, MmId mm, SignalId limits_of, uint32_t flags, uint64_t pages);
/// Would vm.overcommit_memory let so many pages more be promised?
[[nodiscard]] bool enough_memory(const Machine& m, uint64_t pages);
/// Is memory mapped so counted against overcommit?
[[nodiscard]] bool accountable(const Machine& m, uint32_t flags);
/// Where a mapping would go, with the refusals that come before it is looked at what is to be mapped.
[[nodiscard]] Result<uint64_t> place_mapping(const Machine& m, MmId mm, const MapRequest& request);
/// An address for a mapping: checks a fixed one, follows a hint, or finds room top-down.
[[nodiscard]] Result<uint64_t> unmapped_area(const Machine& m, MmId mm, const MapRequest& request,
                                             uint64_t length);
/// Gives back the private pages of [start, end); what is mapped there starts anew.
void drop_pages(Machine& m, MmId mm, uint64_t start, uint64_t end);

/// The file ends before page `first` now: what was mapped from there on is gone, private copies of it as
/// well (unmap_mapping_pages).
void unmap_file_tail(Machine& m, InodeId inode, uint64_t first);

}  // namespace norn
