// mman(2)'s numbers, and what the calls on mappings have in common.
#pragma once

#include <cstdint>

#include "mm/mmap.h"
#include "mm/vma.h"
#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

inline constexpr uint64_t prot_read = 1, prot_write = 2, prot_exec = 4, prot_sem = 8,
                          prot_growsdown = 0x0100'0000, prot_growsup = 0x0200'0000;
inline constexpr uint64_t map_shared = 1, map_private = 2, map_shared_validate = 3, map_type = 15,
                          map_fixed = 0x10, map_anonymous = 0x20, map_32bit = 0x40, map_growsdown = 0x100,
                          map_denywrite = 0x800, map_executable = 0x1000, map_locked = 0x2000,
                          map_noreserve = 0x4000, map_populate = 0x8000, map_nonblock = 0x1'0000,
                          map_stack = 0x2'0000, map_hugetlb = 0x4'0000, map_sync = 0x8'0000,
                          map_fixed_noreplace = 0x10'0000, map_uninitialized = 0x400'0000,
                          map_hugepage_shift_mask = 0x3full << 26;

[[nodiscard]] constexpr uint32_t vma_protection(uint64_t prot)
{
    return (prot & prot_read ? vma_read : 0u) | (prot & prot_write ? vma_write : 0u) |
           (prot & prot_exec ? vma_exec : 0u);
}

/// May `self` lock so many pages more (RLIMIT_MEMLOCK, CAP_IPC_LOCK)? EPERM if none at all; `too_many`
/// past the limit.
[[nodiscard]] Result<> may_lock(const Machine& m, TaskId self, uint64_t pages, Errno too_many);

/// May `self` map below vm.mmap_min_addr (CAP_SYS_RAWIO)?
[[nodiscard]] bool may_map_low(const Machine& m, TaskId self);

/// Cuts mappings at both ends of [start, end), so that what is between can be changed alone. ENOMEM when
/// that would be too many.
[[nodiscard]] Result<> isolate(Machine& m, MmId mm, uint64_t start, uint64_t end);

/// Calls `f(mapping)` for the part of each mapping that lies in [start, end), lowest first, until one
/// fails. Mappings may be changed, merged and taken away meanwhile. `gap` tells whether part of the
/// range was not mapped.
template <class F>
Result<> each_mapping(Machine& m, MmId mm, uint64_t start, uint64_t end, bool& gap, const F& f)
{
    gap = false;
    for (uint64_t va = start; va < end;) {
        const VmaId id = find_vma_after(m, mm, va);
        if (!id || m[id].start >= end) {
            gap = true;
            break;
        }
        Mapping part = mapping_of(m, id);
        if (part.start > va) gap = true;
        if (part.start < va) {
            part.offset = part.offset_of(va);
            part.start = va;
        }
        if (part.end > end) part.end = end;
        va = part.end;
        if (const Result<> done = f(part); !done.ok()) return done;
    }
    return {};
}

/// Gives the part of a mapping other flags; it is cut off and merged as needed.
[[nodiscard]] Result<> change_flags(Machine& m, MmId mm, const Mapping& part, uint32_t flags);

}  // namespace norn
