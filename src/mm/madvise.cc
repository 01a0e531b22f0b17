// madvise(2).
#include "fs/inode.h"
#include "mm/fault.h"
#include "mm/mman.h"
#include "mm/mmap.h"
#include "mm/syscalls.h"

namespace norn {

namespace {

enum Advice : int {
    advice_normal = 0,
    advice_random = 1,
    advice_sequential = 2,
    advice_willneed = 3,
    advice_dontneed = 4,
    advice_free = 8,
    advice_remove = 9,
    advice_dontfork = 10,
    advice_dofork = 11,
    advice_mergeable = 12,
    advice_unmergeable = 13,
    advice_hugepage = 14,
    advice_nohugepage = 15,
    advice_dontdump = 16,
    advice_dodump = 17,
    advice_wipeonfork = 18,
    advice_keeponfork = 19,
    advice_cold = 20,
    advice_pageout = 21,
    advice_populate_read = 22,
    advice_populate_write = 23,
    advice_dontneed_locked = 24,
};

bool known(int advice)
{
    return (advice >= advice_normal && advice <= advice_dontneed) ||
           (advice >= advice_free && advice <= advice_dontneed_locked);
}

/// Zeroes that part of a shared object.
Result<> remove_contents(Machine& m, const Mapping& part)
{
    if (part.flags & vma_locked) return EINVAL;
    if (!part.inode) return EINVAL;
    if ((part.flags & (vma_shared | vma_write)) != (vma_shared | vma_write)) return EACCES;
    return punch_hole(m, part.inode, part.offset, part.offset + (part.end - part.start));
}

Result<> populate(Machine& m, MmId mm, const Mapping& part, bool write)
{
    const uint32_t needed = write ? vma_write : vma_rwx;
    if (!(part.flags & needed)) return EINVAL;
    const FaultReason fault = populate_range(m, mm, part.start, part.end, write);
    if (fault.out_of_memory) return ENOMEM;
    if (fault.any()) return EFAULT;
    return {};
}

Result<> advise(Machine& m, MmId mm, const Mapping& part, int advice)
{
    switch (advice) {
        case advice_dontneed:
            if (part.flags & vma_locked) return EINVAL;
            [[fallthrough]];
        case advice_dontneed_locked:
            drop_pages(m, mm, part.start, part.end);
            return {};
        case advice_free:
            // Linux frees such pages only when memory is short; until then they keep their contents.
            if (part.inode) return EINVAL;
            return {};
        case advice_remove:
            return remove_contents(m, part);
        case advice_dontfork:
            return change_flags(m, mm, part, part.flags | vma_dontfork);
        case advice_dofork:
            return change_flags(m, mm, part, part.flags & ~vma_dontfork);
        case advice_wipeonfork:
            if (part.inode || (part.flags & vma_shared)) return EINVAL;
            return change_flags(m, mm, part, part.flags | vma_wipeonfork);
        case advice_keeponfork:
            return change_flags(m, mm, part, part.flags & ~vma_wipeonfork);
        case advice_dontdump:
            return change_flags(m, mm, part, part.flags | vma_dontdump);
        case advice_dodump:
            return change_flags(m, mm, part, part.flags & ~vma_dontdump);
        case advice_cold:
        case advice_pageout:
            if (part.flags & vma_locked) return EINVAL;
            return {};
        case advice_populate_read:
        case advice_populate_write:
            return populate(m, mm, part, advice == advice_populate_write);
        default:
            return {};  // advice about read-ahead, huge and merged pages changes nothing that shows
    }
}

}  // namespace

Result<> sys_madvise(Machine& m, TaskId self, uint64_t addr, uint64_t length, int advice)
{
    if (!known(advice) || addr % guest_page) return EINVAL;
    const uint64_t size = page_up(length);
    if (length && !size) return EINVAL;
    const uint64_t end = addr + size;
    if (end < addr) return EINVAL;
    bool gap = false;
    const MmId mm = m[self].mm;
    TRY(each_mapping(m, mm, addr, end, gap,
                     [&](const Mapping& part) { return advise(m, mm, part, advice); }));
    if (gap) return ENOMEM;
    return {};
}

}  // namespace norn
