// Address spaces: making, copying, mapping, unmapping.
#include "mm/mmap.h"

#include <algorithm>
#include <vector>

#include "fs/file.h"
#include "mm/fault.h"
#include "mm/radix.h"
#include "mm/vma.h"

namespace norn {

namespace {

constexpr std::size_t rlimit_data = 2, rlimit_stack = 3, rlimit_as = 9;
constexpr uint32_t overcommit_always = 1, overcommit_never = 2;
/// Where Linux looks upwards when there is no room below mmap_base (TASK_UNMAPPED_BASE).
constexpr uint64_t unmapped_base = (x86::user_end / 3 + guest_page - 1) & ~(guest_page - 1);

/// Where MAP_32BIT looks (find_start_end).
constexpr uint64_t low_2g_base = 1ull << 30, low_2g_end = 1ull << 31;

/// The object behind a shared anonymous mapping: a file without a name, as large as the mapping.
InodeId new_shared_memory(Machine& m, uint64_t length)
{
    const uint64_t number = ++m.state.next_ino;
    const InodeId id = m.allocate<Inode>();
    Inode& inode = m.edit(id);
    inode.ino = number;
    inode.size = length;
    inode.dev = 1;
    inode.mode = 0100777;
    inode.refs = 1;
    inode.fs = FsKind::tmpfs;
    inode.kind = InodeKind::memory;
    return id;
}

/// Mappings of a child that fork does not simply share.
void apply_fork_exceptions(Machine& m, MmId child)
{
    for (uint64_t va = 0;;) {
        const VmaId id = find_vma_after(m, child, va);
        if (!id) return;
        const Mapping mapping = mapping_of(m, id);
        va = mapping.end;
        if (mapping.flags & vma_dontfork) {
            remove_mapping(m, child, mapping.start);
            drop_pages(m, child, mapping.start, mapping.end);
            continue;
        }
        if (mapping.flags & vma_wipeonfork) drop_pages(m, child, mapping.start, mapping.end);
        if (mapping.flags & vma_locked)
            set_mapping_flags(m, child, mapping.start, mapping.flags & ~vma_locked);
    }
}

}  // namespace

uint64_t mmap_base_for(uint64_t stack_limit)
{
    constexpr uint64_t least = 128ull << 20, most = x86::user_end / 6 * 5;
    const uint64_t gap =
        stack_limit > ~0ull - stack_guard_bytes ? stack_limit : stack_limit + stack_guard_bytes;
    return page_up(x86::user_end - std::clamp(gap, least, most));
}

MmId new_mm(Machine& m)
{
    const uint64_t space = m.state.next_space++;
    const MmId id = m.allocate<Mm>();
    Mm& mm = m.edit(id);
    mm.users = 1;
    mm.space = space;
    mm.mmap_base = mmap_base_for(mm.stack_limit);
    return id;
}

Result<MmId> copy_mm(Machine& m, MmId from)
{
    if (m.state.overcommit == overcommit_never && !enough_memory(m, m[from].committed_pages)) return ENOMEM;
    const MmId child = m.allocate_like(from);
    Mm& record = m.edit(child);
    record.users = 1;
    record.space = m.state.next_space++;
    record.hiwater_rss = record.rss_pages;
    record.vmas = share_vmas(m, record.vmas);
    record.page_table = share_tree(m, record.page_table);
    if (record.exe) hold_file(m, record.exe);
    m.state.committed_pages += record.committed_pages;
    m.notices.push_back({SpaceNotice::Kind::copied, m[from].space, record.space, 0});
    if (record.fork_exceptions > 0) apply_fork_exceptions(m, child);
    return child;
}

void put_mm(Machine& m, MmId mm)
{
    if (--m.edit(mm).users > 0) return;
    m.state.committed_pages -= m[mm].committed_pages;
    m.notices.push_back({SpaceNotice::Kind::forget, m[mm].space, 0, 0});
    drop_vmas(m, m[mm].vmas);
    drop_tree(m, m[mm].page_table);
    const FileId exe = m[mm].exe;
    m.free(mm);
    if (exe) put_file(m, exe);
}

// Faults know the space and not the process.
void note_limits(Machine& m, MmId mm, SignalId limits_of)
{
    if (!limits_of) return;
    const uint64_t stack = m[limits_of].rlimit[rlimit_stack].soft;
    const uint64_t space = m[limits_of].rlimit[rlimit_as].soft;
    if (m[mm].stack_limit == stack && m[mm].address_limit == space) return;
    Mm& record = m.edit(mm);
    record.stack_limit = stack;
    record.address_limit = space;
}

bool mapped_writably(const Machine& m, InodeId inode)
{
    bool found = false;
    m.pool<Vma>().each([&](VmaId, const Vma& vma) {
        found = found || (vma.inode == inode && (vma.flags & vma_shared) && (vma.flags & vma_may_write));
    });
    return found;
}

bool may_expand(const Machine& m, MmId mm, SignalId limits_of, uint32_t flags, uint64_t pages)
{
    if (!limits_of) return true;
    const auto& limit = m[limits_of].rlimit;
    if (m[mm].total_pages + pages > limit[rlimit_as].soft / guest_page) return false;
    const bool data = (flags & (vma_write | vma_shared | vma_growsdown)) == vma_write;
    return !data || m[mm].data_pages + pages <= limit[rlimit_data].soft / guest_page;
}

bool enough_memory(const Machine& m, uint64_t pages)
{
    if (m.state.overcommit == overcommit_always) return true;
    if (m.state.overcommit == overcommit_never)
        return m.state.committed_pages + pages <= m.state.limits.memory_pages / 2;
    return pages <= m.state.limits.memory_pages;
}

bool accountable(const Machine& m, uint32_t flags)
{
    if (m.state.overcommit == overcommit_never) flags &= ~vma_noreserve;
    return (flags & (vma_noreserve | vma_shared | vma_write)) == vma_write;
}

Result<uint64_t> unmapped_area(const Machine& m, MmId mm, const MapRequest& request, uint64_t length)
{
    if (length > x86::user_end) return ENOMEM;
    if (request.fixed) {
        if (request.address > x86::user_end - length) return ENOMEM;
        if (request.address % guest_page) return EINVAL;
        if (request.address < mmap_min_addr && !request.may_map_low) return EPERM;
        return request.address;
    }
    uint64_t hint = page_down(request.address);
    if (hint && hint < mmap_min_addr) hint = mmap_min_addr;
    if (hint && hint <= x86::user_end - length && range_free(m, mm, hint, hint + length)) return hint;
    if (request.in_low_2g) {
        const uint64_t start = lowest_gap(m, mm, length, low_2g_base);
        return start && start + length <= low_2g_end ? Result<uint64_t>(start) : ENOMEM;
    }
    if (const uint64_t start = highest_gap(m, mm, length, m[mm].mmap_base)) return start;
    if (const uint64_t start = lowest_gap(m, mm, length, unmapped_base)) return start;
    return ENOMEM;
}

Result<uint64_t> place_mapping(const Machine& m, MmId mm, const MapRequest& request)
{
    if (request.length == 0) return EINVAL;
    const uint64_t length = page_up(request.length);
    if (length == 0) return ENOMEM;
    if (m[mm].map_count > max_map_count) return ENOMEM;
    const uint64_t start = TRY(unmapped_area(m, mm, request, length));
    if (request.no_replace && mapped_pages(m, mm, start, start + length) > 0) return EEXIST;
    return start;
}

Result<uint64_t> map(Machine& m, MmId mm, SignalId limits_of, const MapRequest& request)
{
    const uint64_t start = TRY(place_mapping(m, mm, request));
    const uint64_t length = page_up(request.length);
    note_limits(m, mm, limits_of);
    uint32_t flags = request.flags;
    const uint64_t replaced = request.fixed ? mapped_pages(m, mm, start, start + length) : 0;
    if (!may_expand(m, mm, limits_of, flags, length / guest_page - replaced)) return ENOMEM;
    const bool shared_anonymous = (flags & vma_shared) && !request.inode;
    if (request.fixed) TRY(unmap(m, mm, start, start + length));
    if (accountable(m, flags)) flags |= vma_account;
    const bool promises = (flags & vma_account) || (shared_anonymous && !(flags & vma_noreserve));
    if (promises && !enough_memory(m, length / guest_page)) return ENOMEM;

    Mapping mapping{start, start + length, request.offset, flags, request.inode, request.file, {}};
    if (shared_anonymous) {
        mapping.inode = new_shared_memory(m, length);
        mapping.offset = 0;
    } else if (!request.inode) {
        mapping.offset = start;
    }
    insert_mapping(m, mm, mapping);
    if (shared_anonymous) put_inode(m, mapping.inode);
    notice_invalidate(m, mm, start, start + length);
    if (request.populate) populate_range(m, mm, start, start + length, flags & vma_write);
    return start;
}

Result<> unmap(Machine& m, MmId mm, uint64_t start, uint64_t end)
{
    const VmaId first = find_vma_after(m, mm, start);
    if (!first || m[first].start >= end) return {};
    if (m[first].start < start && m[first].end > end && m[mm].map_count >= max_map_count) return ENOMEM;
    split_mapping(m, mm, start);
    split_mapping(m, mm, end);
    for (;;) {
        const VmaId id = find_vma_after(m, mm, start);
        if (!id || m[id].start >= end) break;
        remove_mapping(m, mm, m[id].start);
    }
    drop_pages(m, mm, start, end);
    return {};
}

void drop_pages(Machine& m, MmId mm, uint64_t start, uint64_t end)
{
    NodeId root = m[mm].page_table;
    const uint64_t gone = tree_clear_range(m, root, start / guest_page, end / guest_page - 1);
    Mm& record = m.edit(mm);
    record.page_table = root;
    record.rss_pages -= gone;
    notice_invalidate(m, mm, start, end);
}

void unmap_file_tail(Machine& m, InodeId inode, uint64_t first)
{
    if (m[inode].mappings == 0) return;
    std::vector<MmId> spaces;
    m.pool<Mm>().each([&](MmId mm, const Mm&) { spaces.push_back(mm); });
    for (const MmId mm : spaces) {
        for (VmaId id = find_vma_after(m, mm, 0); id;) {
            const Mapping mapping = mapping_of(m, id);
            if (mapping.inode == inode && !(mapping.flags & vma_shared)) {
                const uint64_t kept =
                    first * guest_page > mapping.offset ? first * guest_page - mapping.offset : 0;
                if (kept < mapping.end - mapping.start) drop_pages(m, mm, mapping.start + kept, mapping.end);
            }
            id = find_vma_after(m, mm, mapping.end);
        }
    }
    m.notices.push_back({SpaceNotice::Kind::invalidate_all, 0, 0, 0});
}

FaultReason populate_range(Machine& m, MmId mm, uint64_t start, uint64_t end, bool write)
{
    for (uint64_t va = start; va < end; va += guest_page) {
        const FaultReason fault = fault_in(m, mm, va, write ? Access::write : Access::read).fault;
        if (fault.any()) return fault;
    }
    return {};
}

}  // namespace norn
