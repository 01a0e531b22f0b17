// mprotect(2) and its protection-key sisters.
#include "mm/fault.h"
#include "mm/mman.h"
#include "mm/mmap.h"
#include "mm/syscalls.h"

namespace norn {

Result<> isolate(Machine& m, MmId mm, uint64_t start, uint64_t end)
{
    const VmaId low = find_vma(m, mm, start), high = find_vma(m, mm, end);
    const uint64_t cuts = (low && m[low].start < start ? 1u : 0u) + (high && m[high].start < end ? 1u : 0u);
    if (cuts > 0 && m[mm].map_count + cuts > max_map_count) return ENOMEM;
    split_mapping(m, mm, start);
    split_mapping(m, mm, end);
    return {};
}

Result<> change_flags(Machine& m, MmId mm, const Mapping& part, uint32_t flags)
{
    if (part.flags == flags) return {};
    TRY(isolate(m, mm, part.start, part.end));
    set_mapping_flags(m, mm, part.start, flags);
    merge_at(m, mm, part.end);
    merge_at(m, mm, part.start);
    return {};
}

namespace {

/// mprotect_fixup: one mapping's new protection, with what it costs.
Result<> protect(Machine& m, TaskId self, MmId mm, const Mapping& part, uint32_t protection)
{
    uint32_t flags = (part.flags & ~vma_rwx) | protection;
    if ((flags & vma_write) && !(flags & vma_may_write)) return EACCES;
    if (flags == part.flags) return {};
    const SignalId limits = m[self].signal;
    if ((flags & vma_write) && !may_expand(m, mm, limits, flags, part.pages()) &&
        may_expand(m, mm, limits, part.flags, part.pages()))
        return ENOMEM;
    if ((flags & vma_write) && !(part.flags & (vma_account | vma_write | vma_shared | vma_noreserve))) {
        if (!enough_memory(m, part.pages())) return ENOMEM;
        flags |= vma_account;
    }
    TRY(change_flags(m, mm, part, flags));
    notice_invalidate(m, mm, part.start, part.end);
    return {};
}

}  // namespace

Result<> sys_mprotect(Machine& m, TaskId self, uint64_t addr, uint64_t length, uint64_t prot)
{
    const uint64_t grows = prot & (prot_growsdown | prot_growsup);
    prot &= ~grows;
    if (grows == (prot_growsdown | prot_growsup) || addr % guest_page) return EINVAL;
    if (length == 0) return {};
    const uint64_t end = addr + page_up(length);
    if (end <= addr) return ENOMEM;
    if (prot & ~(prot_read | prot_write | prot_exec | prot_sem)) return EINVAL;

    const MmId mm = m[self].mm;
    const VmaId first = find_vma_after(m, mm, addr);
    if (!first || m[first].start >= end) return ENOMEM;
    uint64_t start = addr;
    if (grows) {
        if (!(grows & prot_growsdown) || !(m[first].flags & vma_growsdown)) return EINVAL;
        start = m[first].start;
    } else if (m[first].start > addr) {
        return ENOMEM;
    }
    // What lies before a gap is changed all the same.
    uint64_t done = start;
    bool gap = false;
    TRY(each_mapping(m, mm, start, end, gap, [&](const Mapping& part) -> Result<> {
        if (part.start != done) return ENOMEM;
        done = part.end;
        return protect(m, self, mm, part, vma_protection(prot));
    }));
    if (gap) return ENOMEM;
    return {};
}

// The processor that cpuid shows has no protection keys.
Result<> sys_pkey_mprotect(Machine& m, TaskId self, uint64_t addr, uint64_t length, uint64_t prot, int pkey)
{
    if (pkey != -1) return EINVAL;
    return sys_mprotect(m, self, addr, length, prot);
}

Result<int> sys_pkey_alloc(Machine&, TaskId, uint64_t, uint64_t)
{
    return EINVAL;
}

Result<> sys_pkey_free(Machine&, TaskId, int)
{
    return EINVAL;
}

}  // namespace norn
