// mincore(2), msync(2) and the memory policy of a machine with one node.
#include "mm/fault.h"
#include "mm/mman.h"
#include "mm/radix.h"
#include "mm/syscalls.h"
#include "mm/usercopy.h"
#include "x86/engine.h"

namespace norn {

namespace {

constexpr int sync_async = 1, sync_invalidate = 2, sync_sync = 4;
constexpr uint64_t policy_node = 1, policy_address = 2, policy_allowed = 4;
constexpr int policy_default = 0;

/// Is the page at `va` of this mapping in memory?
uint8_t resident(const Machine& m, MmId mm, const Mapping& part, uint64_t va)
{
    if (!(part.flags & vma_shared) && tree_get(m, m[mm].page_table, va / guest_page)) return 1;
    if (!part.inode) return 0;
    return tree_get(m, m[part.inode].pages, part.offset_of(va) / guest_page) ? 1 : 0;
}

Result<> report_residency(Machine& m, TaskId self, const Mapping& part, UserPtr<uint8_t> to)
{
    const MmId mm = m[self].mm;
    for (uint64_t va = part.start; va < part.end; va += guest_page)
        TRY(put_user(m, self, to + (va - part.start) / guest_page, resident(m, mm, part, va)));
    return {};
}

}  // namespace

Result<> sys_mincore(Machine& m, TaskId self, uint64_t addr, uint64_t length, UserPtr<uint8_t> vec)
{
    if (addr % guest_page) return EINVAL;
    if (addr > x86::user_end || length > x86::user_end - addr) return ENOMEM;
    const uint64_t pages = page_up(length) / guest_page;
    if (vec.address > x86::user_end || pages > x86::user_end - vec.address) return EFAULT;
    uint64_t done = addr;
    bool gap = false;
    TRY(each_mapping(m, m[self].mm, addr, addr + page_up(length), gap, [&](const Mapping& part) -> Result<> {
        if (part.start != done) return ENOMEM;
        done = part.end;
        return report_residency(m, self, part, vec + (part.start - addr) / guest_page);
    }));
    if (gap) return ENOMEM;
    return {};
}

// Nothing is behind a file but the machine itself, so it is always in step.
Result<> sys_msync(Machine& m, TaskId self, uint64_t addr, uint64_t length, int flags)
{
    if (flags & ~(sync_async | sync_invalidate | sync_sync)) return EINVAL;
    if (addr % guest_page) return EINVAL;
    if ((flags & sync_async) && (flags & sync_sync)) return EINVAL;
    const uint64_t end = addr + page_up(length);
    if (end < addr) return ENOMEM;
    bool gap = false;
    TRY(each_mapping(m, m[self].mm, addr, end, gap, [&](const Mapping& part) -> Result<> {
        if ((flags & sync_invalidate) && (part.flags & vma_locked)) return EBUSY;
        return {};
    }));
    if (gap) return ENOMEM;
    return {};
}

Result<> sys_get_mempolicy(Machine& m, TaskId self, UserPtr<int> mode, UserPtr<uint64_t> nodemask,
                           uint64_t maxnode, uint64_t addr, uint64_t flags)
{
    if (flags & ~(policy_node | policy_address | policy_allowed)) return EINVAL;
    if (nodemask && maxnode < 1) return EINVAL;
    if (flags & policy_allowed) {
        if (flags & (policy_node | policy_address)) return EINVAL;
    } else if (flags & policy_address) {
        if (!find_vma(m, m[self].mm, addr)) return EFAULT;
    } else if (addr) {
        return EINVAL;
    }
    if (mode) TRY(put_user(m, self, mode, policy_default));
    const uint64_t first_node = flags & policy_allowed ? 1 : 0;
    for (uint64_t word = 0; nodemask && word * 64 < maxnode; ++word)
        TRY(put_user(m, self, nodemask + word, word == 0 ? first_node : uint64_t{0}));
    return {};
}

Result<> sys_set_mempolicy(Machine&, TaskId, int mode, UserPtr<uint64_t>, uint64_t)
{
    if (mode != policy_default) return EINVAL;
    return {};
}

}  // namespace norn
