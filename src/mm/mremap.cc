// mremap(2): growing, shrinking and moving a mapping.
#include "mm/fault.h"
#include "mm/frame.h"
#include "mm/mman.h"
#include "mm/mmap.h"
#include "mm/radix.h"
#include "mm/syscalls.h"
#include "x86/engine.h"

namespace norn {

namespace {

constexpr uint64_t may_move = 1, fixed = 2, dont_unmap = 4;

struct Remap {
    uint64_t from = 0, old_length = 0;
    uint64_t length = 0;
    uint64_t to = 0;
    uint64_t flags = 0;
};

/// The private pages of one range become those of another, which has none.
void move_pages(Machine& m, MmId mm, uint64_t from, uint64_t to, uint64_t length)
{
    NodeId root = m[mm].page_table;
    const uint64_t first = from / guest_page, last = (from + length) / guest_page - 1;
    bool found = false;
    for (uint64_t number = tree_next(m, root, first, found); found && number <= last;
         number = tree_next(m, root, number + 1, found)) {
        const PageId page{tree_get(m, root, number)};
        hold_page(m, page);
        tree_clear(m, root, number);
        tree_set(m, root, NodeKind::page_table, to / guest_page + (number - first), page.raw);
    }
    m.edit(mm).page_table = root;
    notice_invalidate(m, mm, from, from + length);
    notice_invalidate(m, mm, to, to + length);
}

/// vma_to_resize: may the mapping be so long?
Result<Mapping> check_resize(const Machine& m, TaskId self, const Remap& remap)
{
    const MmId mm = m[self].mm;
    const VmaId id = find_vma(m, mm, remap.from);
    if (!id) return EFAULT;
    const Mapping mapping = mapping_of(m, id);
    if (remap.old_length == 0 && !(mapping.flags & vma_shared)) return EINVAL;
    if (remap.old_length > mapping.end - remap.from) return EFAULT;
    if (remap.length == remap.old_length) return mapping;
    if (mapping.flags & (vma_vdso | vma_vvar)) return EFAULT;
    const uint64_t more = (remap.length - remap.old_length) / guest_page;
    if (mapping.flags & vma_locked) TRY(may_lock(m, self, more, EAGAIN));
    if (!may_expand(m, mm, m[self].signal, mapping.flags, more)) return ENOMEM;
    if ((mapping.flags & vma_account) && !enough_memory(m, more)) return ENOMEM;
    return mapping;
}

Result<uint64_t> move_mapping(Machine& m, TaskId self, const Mapping& mapping, const Remap& remap,
                              uint64_t to)
{
    const MmId mm = m[self].mm;
    if (m[mm].map_count >= max_map_count - 3) return ENOMEM;
    if ((remap.flags & dont_unmap) && (mapping.flags & vma_account) &&
        !enough_memory(m, remap.length / guest_page))
        return ENOMEM;
    Mapping moved = mapping;
    moved.start = to;
    moved.end = to + remap.length;
    // An anonymous mapping's offset is its address, unless pages of it have been written.
    const bool untouched = tree_count(m, m[mm].page_table, remap.from / guest_page,
                                      (remap.from + remap.old_length) / guest_page - 1) == 0;
    moved.offset = !mapping.inode && untouched ? to : mapping.offset_of(remap.from);
    insert_mapping(m, mm, moved);
    notice_invalidate(m, mm, to, to + remap.length);
    if (remap.old_length > 0) move_pages(m, mm, remap.from, to, remap.old_length);
    const bool locked = mapping.flags & vma_locked;
    if (remap.flags & dont_unmap) {
        if (locked) {
            Mapping left = mapping;
            left.start = remap.from;
            left.end = remap.from + remap.old_length;
            TRY(change_flags(m, mm, left, mapping.flags & ~vma_locked));
        }
    } else if (remap.old_length > 0) {
        TRY(unmap(m, mm, remap.from, remap.from + remap.old_length));
    }
    if (locked) populate_range(m, mm, to, to + remap.length, mapping.flags & vma_write);
    return to;
}

/// With MREMAP_FIXED or MREMAP_DONTUNMAP (mremap_to).
Result<uint64_t> remap_to(Machine& m, TaskId self, Remap remap)
{
    const MmId mm = m[self].mm;
    if (remap.to % guest_page) return EINVAL;
    if (remap.length > x86::user_end || remap.to > x86::user_end - remap.length) return EINVAL;
    if (remap.from + remap.old_length > remap.to && remap.to + remap.length > remap.from) return EINVAL;
    if (m[mm].map_count + 2 >= max_map_count - 3) return ENOMEM;
    MapRequest request;
    request.address = remap.to;
    request.fixed = remap.flags & fixed;
    if (request.fixed) {
        request.may_map_low = may_map_low(m, self);
        if (remap.to < mmap_min_addr && !request.may_map_low) return EPERM;
        TRY(unmap(m, mm, remap.to, remap.to + remap.length));
    }
    if (remap.old_length > remap.length) {
        TRY(unmap(m, mm, remap.from + remap.length, remap.from + remap.old_length));
        remap.old_length = remap.length;
    }
    const Mapping mapping = TRY(check_resize(m, self, remap));
    if ((remap.flags & dont_unmap) &&
        !may_expand(m, mm, m[self].signal, mapping.flags, remap.old_length / guest_page))
        return ENOMEM;
    const uint64_t to = TRY(unmapped_area(m, mm, request, remap.length));
    return move_mapping(m, self, mapping, remap, to);
}

/// Longer where it is, if nothing is in the way.
bool expand_in_place(Machine& m, MmId mm, const Mapping& mapping, const Remap& remap)
{
    const uint64_t end = remap.from + remap.length;
    if (remap.old_length != mapping.end - remap.from || end < mapping.end || end > x86::user_end)
        return false;
    if (!range_free(m, mm, mapping.end, end)) return false;
    grow_mapping(m, mm, mapping.start, mapping.start, end);
    merge_at(m, mm, end);
    notice_invalidate(m, mm, mapping.end, end);
    if (mapping.flags & vma_locked) populate_range(m, mm, mapping.end, end, mapping.flags & vma_write);
    return true;
}

}  // namespace

Result<uint64_t> sys_mremap(Machine& m, TaskId self, uint64_t old_address, uint64_t old_size,
                            uint64_t new_size, uint64_t flags, uint64_t new_address)
{
    if (flags & ~(fixed | may_move | dont_unmap)) return EINVAL;
    if ((flags & fixed) && !(flags & may_move)) return EINVAL;
    if ((flags & dont_unmap) && (!(flags & may_move) || old_size != new_size)) return EINVAL;
    if (old_address % guest_page) return EINVAL;
    const Remap remap{old_address, page_up(old_size), page_up(new_size), new_address, flags};
    if (remap.length == 0 || remap.length > x86::user_end) return EINVAL;
    const MmId mm = m[self].mm;
    if (!find_vma(m, mm, old_address)) return EFAULT;
    if (flags & (fixed | dont_unmap)) return remap_to(m, self, remap);
    if (remap.old_length >= remap.length) {
        if (remap.old_length > remap.length)
            TRY(unmap(m, mm, old_address + remap.length, old_address + remap.old_length));
        return old_address;
    }
    const Mapping mapping = TRY(check_resize(m, self, remap));
    if (expand_in_place(m, mm, mapping, remap)) return old_address;
    if (!(flags & may_move)) return ENOMEM;
    const uint64_t to = TRY(unmapped_area(m, mm, {}, remap.length));
    return move_mapping(m, self, mapping, remap, to);
}

}  // namespace norn
