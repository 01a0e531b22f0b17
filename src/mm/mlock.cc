// mlock(2) and its family: nothing is ever swapped out, so what is left are the counts and the limits.
#include "kernel/task.h"
#include "mm/fault.h"
#include "mm/mman.h"
#include "mm/syscalls.h"
#include "x86/engine.h"

namespace norn {

namespace {

constexpr int cap_ipc_lock = 14;
constexpr int rlimit_memlock = 8;
constexpr int lock_onfault = 1;
constexpr int lock_current = 1, lock_future = 2, lock_all_onfault = 4;

/// Locks (or unlocks) what is mapped in a range.
Result<> apply_lock(Machine& m, MmId mm, uint64_t start, uint64_t end, bool lock, bool& gap)
{
    return each_mapping(m, mm, start, end, gap, [&](const Mapping& part) {
        return change_flags(m, mm, part, lock ? part.flags | vma_locked : part.flags & ~vma_locked);
    });
}

Result<> lock_range(Machine& m, TaskId self, uint64_t addr, uint64_t length, bool populate)
{
    const uint64_t start = page_down(addr), end = start + page_up(length + addr % guest_page);
    TRY(may_lock(m, self, (end - start) / guest_page, ENOMEM));
    if (end < start) return EINVAL;
    bool gap = false;
    const MmId mm = m[self].mm;
    TRY(apply_lock(m, mm, start, end, true, gap));
    if (gap) return ENOMEM;
    if (!populate) return {};
    return each_mapping(m, mm, start, end, gap, [&](const Mapping& part) -> Result<> {
        const bool write = (part.flags & (vma_write | vma_shared)) == vma_write;
        if (!(part.flags & vma_rwx)) return ENOMEM;
        if (populate_range(m, mm, part.start, part.end, write).any()) return ENOMEM;
        return {};
    });
}

}  // namespace

Result<> may_lock(const Machine& m, TaskId self, uint64_t pages, Errno too_many)
{
    if (capable(m, self, cap_ipc_lock)) return {};
    const uint64_t limit = rlimit(m, self, rlimit_memlock).soft;
    if (limit == 0) return EPERM;
    if (m[m[self].mm].locked_pages + pages > limit / guest_page) return too_many;
    return {};
}

Result<> sys_mlock(Machine& m, TaskId self, uint64_t addr, uint64_t length)
{
    return lock_range(m, self, addr, length, true);
}

Result<> sys_mlock2(Machine& m, TaskId self, uint64_t addr, uint64_t length, int flags)
{
    if (flags & ~lock_onfault) return EINVAL;
    return lock_range(m, self, addr, length, !(flags & lock_onfault));
}

Result<> sys_munlock(Machine& m, TaskId self, uint64_t addr, uint64_t length)
{
    const uint64_t start = page_down(addr), end = start + page_up(length + addr % guest_page);
    if (end < start) return EINVAL;
    bool gap = false;
    TRY(apply_lock(m, m[self].mm, start, end, false, gap));
    if (gap) return ENOMEM;
    return {};
}

// MCL_FUTURE alone changes nothing that shows: later mappings are present all the same.
Result<> sys_mlockall(Machine& m, TaskId self, int flags)
{
    if (flags == 0 || (flags & ~(lock_current | lock_future | lock_all_onfault)) || flags == lock_all_onfault)
        return EINVAL;
    const MmId mm = m[self].mm;
    TRY(may_lock(m, self, 0, ENOMEM));
    if (!capable(m, self, cap_ipc_lock) && (flags & lock_current) &&
        m[mm].total_pages > rlimit(m, self, rlimit_memlock).soft / guest_page)
        return ENOMEM;
    if (!(flags & lock_current)) return {};
    bool gap = false;
    return apply_lock(m, mm, 0, x86::user_end, true, gap);
}

Result<> sys_munlockall(Machine& m, TaskId self)
{
    bool gap = false;
    return apply_lock(m, m[self].mm, 0, x86::user_end, false, gap);
}

}  // namespace norn
