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
    InodeId inode;  ///< none: anonymous
    FileId file;
    uint64_t offset = 0;
};
/// Maps; `rlimits` are those of `limits_of` (RLIMIT_AS, RLIMIT_DATA), none when exec builds.
[[nodiscard]] Result<uint64_t> map(Machine& m, MmId mm, SignalId limits_of, const MapRequest& request);
[[nodiscard]] Result<> unmap(Machine& m, MmId mm, uint64_t start, uint64_t end);
/// The mapping that holds `va`, or none.
[[nodiscard]] VmaId find_vma(const Machine& m, MmId mm, uint64_t va);
/// The first mapping that ends after `va`, or none.
[[nodiscard]] VmaId find_vma_after(const Machine& m, MmId mm, uint64_t va);

}  // namespace norn
