// mmap(2), munmap(2), brk(2): what is asked for, checked in Linux's order.
#include <algorithm>

#include "fs/file.h"
#include "fs/ops.h"
#include "kernel/task.h"
#include "mm/mman.h"
#include "mm/mmap.h"
#include "mm/syscalls.h"
#include "mm/vma.h"
#include "x86/engine.h"

namespace norn {

namespace {

constexpr uint32_t open_accmode = 3, open_wronly = 1, open_rdwr = 2;
constexpr uint32_t mount_noexec = 8;
constexpr uint64_t dev_zero = 1 << 8 | 5;
constexpr uint32_t seal_write = 8, seal_future_write = 16;
constexpr uint64_t legacy_flags = map_shared | map_private | map_fixed | map_anonymous | map_denywrite |
                                  map_executable | map_uninitialized | map_growsdown | map_locked |
                                  map_noreserve | map_populate | map_nonblock | map_stack | map_hugetlb |
                                  map_32bit | map_hugepage_shift_mask;
constexpr uint64_t largest_file = ~0ull >> 1;

/// What the mapping is of: nothing, or a file's contents.
struct MapSource {
    FileId file;
    InodeId inode;
};

bool opened_for_writing(uint32_t flags)
{
    return (flags & open_accmode) == open_wronly || (flags & open_accmode) == open_rdwr;
}

/// Can a file of this kind be mapped (f_op->mmap)? /dev/zero is anonymous memory by another name.
Result<MapSource> mappable(const Machine& m, FileId file)
{
    const File& record = m[file];
    if (record.kind == FileKind::regular && m[record.inode].kind == InodeKind::memory)
        return MapSource{file, record.inode};
    if (record.kind == FileKind::device && m[record.inode].rdev == dev_zero) return MapSource{};
    return ENODEV;
}

struct FileMapArgs {
    uint64_t prot, flags, length, offset;
};

/// The part of do_mmap that looks at the file: may it be mapped so, and what may mprotect add later?
Result<MapSource> check_file(const Machine& m, FileId file, const FileMapArgs& args, uint32_t& vm_flags)
{
    const auto [prot, flags, length, offset] = args;
    if (m[file].kind == FileKind::regular && (offset > largest_file || length > largest_file - offset))
        return EOVERFLOW;
    const uint32_t opened = m[file].flags;
    const bool writes = opened_for_writing(opened);
    switch (flags & map_type) {
        case map_shared_validate:
            if (flags & ~(legacy_flags | map_type | map_fixed_noreplace)) return ENOTSUP;
            [[fallthrough]];
        case map_shared:
            if ((prot & prot_write) && !writes) return EACCES;
            vm_flags |= vma_shared;
            if (!writes) vm_flags &= ~vma_may_write;
            break;
        case map_private:
            break;
        default:
            return EINVAL;
    }
    if ((opened & open_accmode) == open_wronly) return EACCES;
    if ((prot & prot_exec) && m[file].path.mount && (m[m[file].path.mount].flags & mount_noexec))
        return EPERM;
    const MapSource source = TRY(mappable(m, file));
    if (flags & map_growsdown) return EINVAL;
    if (source.inode && (vm_flags & vma_shared) &&
        (m[source.inode].seals & (seal_write | seal_future_write))) {
        if (prot & prot_write) return EPERM;
        vm_flags &= ~vma_may_write;
    }
    return source;
}

Result<> check_anonymous(uint64_t flags, uint32_t& vm_flags)
{
    if ((flags & map_type) == map_private) return {};
    if ((flags & map_type) != map_shared || (flags & map_growsdown)) return EINVAL;
    vm_flags |= vma_shared;
    return {};
}

uint32_t flags_of(const Machine& m, uint64_t prot, uint64_t flags)
{
    constexpr uint32_t overcommit_never = 2;
    uint32_t vm_flags = vma_protection(prot) | vma_may_write;
    if (flags & map_growsdown) vm_flags |= vma_growsdown;
    if (flags & map_locked) vm_flags |= vma_locked;
    if ((flags & map_noreserve) && m.state.overcommit != overcommit_never) vm_flags |= vma_noreserve;
    return vm_flags;
}

}  // namespace

bool may_map_low(const Machine& m, TaskId self)
{
    constexpr int CAP_SYS_RAWIO_ = 17;
    return capable(m, self, CAP_SYS_RAWIO_);
}

Result<uint64_t> sys_mmap(Machine& m, TaskId self, uint64_t addr, uint64_t length, uint64_t prot,
                          uint64_t flags, uint64_t fd, uint64_t offset)
{
    if (offset % guest_page) return EINVAL;
    const bool anonymous = flags & map_anonymous;
    FileId file;
    if (!anonymous) file = TRY(fget(m, self, static_cast<int>(fd)));
    if (flags & map_hugetlb) return anonymous ? ENOMEM : EINVAL;

    const MmId mm = m[self].mm;
    MapRequest request;
    request.address = addr;
    request.length = length;
    request.no_replace = flags & map_fixed_noreplace;
    request.fixed = (flags & map_fixed) || request.no_replace;
    request.may_map_low = may_map_low(m, self);
    request.in_low_2g = flags & map_32bit;
    request.offset = anonymous ? 0 : offset;
    TRY(place_mapping(m, mm, request));
    request.flags = flags_of(m, prot, flags);
    if (flags & map_locked) TRY(may_lock(m, self, page_up(length) / guest_page, EAGAIN));
    if (anonymous) {
        TRY(check_anonymous(flags, request.flags));
    } else {
        const MapSource source =
            TRY(check_file(m, file, {prot, flags, page_up(length), offset}, request.flags));
        request.file = source.file;
        request.inode = source.inode;
    }
    request.populate = (flags & map_locked) || ((flags & map_populate) && !(flags & map_nonblock));
    return map(m, mm, m[self].signal, request);
}

Result<> sys_munmap(Machine& m, TaskId self, uint64_t addr, uint64_t length)
{
    if (addr % guest_page || addr > x86::user_end || length > x86::user_end - addr) return EINVAL;
    if (page_up(length) == 0) return EINVAL;
    return unmap(m, m[self].mm, addr, addr + page_up(length));
}

// Failure is not an errno here: the old break comes back.
Result<uint64_t> sys_brk(Machine& m, TaskId self, uint64_t addr)
{
    constexpr std::size_t rlimit_data = 2;
    const MmId mm = m[self].mm;
    const Mm& now = m[mm];
    const uint64_t old = now.brk, start = now.start_brk;
    if (addr < start) return old;
    const uint64_t data_limit = m[m[self].signal].rlimit[rlimit_data].soft;
    if (data_limit != ~0ull && addr - start + (now.end_data - now.start_data) > data_limit) return old;
    const uint64_t old_end = page_up(old), new_end = page_up(addr);
    if (new_end < old_end) {
        if (!unmap(m, mm, new_end, old_end).ok()) return old;
    } else if (new_end > old_end) {
        if (!range_free(m, mm, old_end, new_end + guest_page)) return old;
        MapRequest request;
        request.address = old_end;
        request.length = new_end - old_end;
        request.flags = vma_read | vma_write | vma_may_write;
        request.fixed = true;
        if (!map(m, mm, m[self].signal, request).ok()) return old;
    }
    m.edit(mm).brk = addr;
    return addr;
}

}  // namespace norn
