#include "mm/vma.h"

#include <algorithm>

#include "fs/file.h"
#include "lib/avl.h"
#include "mm/mmap.h"
#include "x86/engine.h"

namespace norn {

namespace {

/// Mappings by address; nodes are shared between address spaces until written.
struct Vmas {
    static VmaId own(Machine& m, VmaId id);
    static void update(Machine& m, VmaId id);
    static int order(const Machine& m, uint64_t start, VmaId id)
    {
        return start < m[id].start ? -1 : start > m[id].start;
    }
};
using VmaTree = Avl<Vma, Vmas>;

void Vmas::update(Machine& m, VmaId id)
{
    const Vma vma = m[id];
    uint64_t first = vma.start, last = vma.end, gap = 0;
    if (vma.left) {
        const Vma& left = m[vma.left];
        first = left.first;
        gap = std::max(left.widest_gap, vma.start - left.last);
    }
    if (vma.right) {
        const Vma& right = m[vma.right];
        last = right.last;
        gap = std::max({gap, right.widest_gap, right.first - vma.end});
    }
    const uint32_t tall = 1 + std::max(VmaTree::height(m, vma.left), VmaTree::height(m, vma.right));
    Vma& record = m.edit(id);
    record.first = first;
    record.last = last;
    record.widest_gap = gap;
    record.height = tall;
}

void hold_mapped(Machine& m, InodeId inode)
{
    hold_inode(m, inode);
    ++m.edit(inode).mappings;
}

void put_mapped(Machine& m, InodeId inode)
{
    --m.edit(inode).mappings;
    put_inode(m, inode);
}

/// Takes over a reference to a node, returns one to the same node that is ours alone.
VmaId Vmas::own(Machine& m, VmaId id)
{
    if (m[id].refs == 1) return id;
    Vma record = m[id];
    record.refs = 1;
    if (record.name) record.name = new_text(m, text_of(m, record.name));
    const VmaId copy = m.allocate(record);
    --m.edit(id).refs;
    if (record.left) ++m.edit(record.left).refs;
    if (record.right) ++m.edit(record.right).refs;
    if (record.inode) hold_mapped(m, record.inode);
    if (record.file) hold_file(m, record.file);
    return copy;
}

void release_node(Machine& m, VmaId id)
{
    const Vma record = m[id];
    m.free(id);
    if (record.name) free_text(m, record.name);
    if (record.file) put_file(m, record.file);
    if (record.inode) put_mapped(m, record.inode);
}

/// Makes the path to the mapping that starts at `start` ours, lets `change` edit it, and updates what
/// the path knows. `change` may not move it past a neighbour.
template <class Change>
VmaId change_node(Machine& m, VmaId root, uint64_t start, const Change& change)
{
    root = Vmas::own(m, root);
    const Vma vma = m[root];
    if (start < vma.start) {
        const VmaId left = change_node(m, vma.left, start, change);
        m.edit(root).left = left;
    } else if (start > vma.start) {
        const VmaId right = change_node(m, vma.right, start, change);
        m.edit(root).right = right;
    } else {
        change(m.edit(root));
    }
    Vmas::update(m, root);
    return root;
}

/// Adds (or takes away) a mapping's share of the counts of its address space.
void account(Machine& m, MmId mm, const Mapping& mapping, bool add)
{
    const uint64_t sign = add ? 1 : ~0ull;
    const uint64_t pages = sign * mapping.pages();
    Mm& counts = m.edit(mm);
    counts.total_pages += pages;
    counts.map_count += static_cast<uint32_t>(sign);
    if (mapping.flags & vma_growsdown)
        counts.stack_pages += pages;
    else if ((mapping.flags & (vma_write | vma_shared)) == vma_write)
        counts.data_pages += pages;
    if (mapping.flags & vma_account) {
        counts.committed_pages += pages;
        m.state.committed_pages += pages;
    }
    if (mapping.flags & vma_locked) counts.locked_pages += pages;
    if (mapping.flags & (vma_dontfork | vma_wipeonfork | vma_locked))
        counts.fork_exceptions += static_cast<uint32_t>(sign);
}

template <class Change>
void change_mapping(Machine& m, MmId mm, uint64_t start, const Change& change)
{
    account(m, mm, mapping_of(m, find_vma(m, mm, start)), false);
    uint64_t now = start;
    const VmaId root = change_node(m, m[mm].vmas, start, [&](Vma& vma) {
        change(vma);
        now = vma.start;
    });
    m.edit(mm).vmas = root;
    account(m, mm, mapping_of(m, find_vma(m, mm, now)), true);
}

/// Puts a new node for a mapping into the tree.
void plant_node(Machine& m, MmId mm, const Mapping& mapping)
{
    Vma record;
    record.start = mapping.start;
    record.end = mapping.end;
    record.offset = mapping.offset;
    record.flags = mapping.flags;
    record.refs = 1;
    record.inode = mapping.inode;
    record.file = mapping.file;
    if (mapping.name) record.name = new_text(m, text_of(m, mapping.name));
    if (mapping.inode) hold_mapped(m, mapping.inode);
    if (mapping.file) hold_file(m, mapping.file);
    const VmaId node = m.allocate(record);
    const VmaId root = VmaTree::insert(m, m[mm].vmas, node, mapping.start);
    m.edit(mm).vmas = root;
    account(m, mm, mapping, true);
}

/// Would Linux have the second mapping as part of the first (can_vma_merge_after)?
bool mergeable(const Machine& m, const Mapping& low, const Mapping& high)
{
    if (low.end != high.start || low.flags != high.flags) return false;
    if (low.file != high.file || low.inode != high.inode) return false;
    if (low.offset + (low.end - low.start) != high.offset) return false;
    if (static_cast<bool>(low.name) != static_cast<bool>(high.name)) return false;
    return !low.name || text_is(m, low.name, text_of(m, high.name));
}

/// Free space in [low, high) around a subtree of mappings, highest first; its start, 0 if too small.
uint64_t highest_gap_in(const Machine& m, VmaId id, uint64_t low, uint64_t high, uint64_t length)
{
    if (high < low || high - low < length) return 0;
    if (!id) return high - length;
    const Vma& vma = m[id];
    const bool above = high > vma.last && high - vma.last >= length;
    const bool below = vma.first > low && vma.first - low >= length;
    if (!above && !below && vma.widest_gap < length) return 0;
    if (const uint64_t found = highest_gap_in(m, vma.right, vma.end, high, length)) return found;
    return highest_gap_in(m, vma.left, low, std::min(high, claimed_start(vma)), length);
}

uint64_t lowest_gap_in(const Machine& m, VmaId id, uint64_t low, uint64_t high, uint64_t length)
{
    if (high < low || high - low < length) return 0;
    if (!id) return low;
    const Vma& vma = m[id];
    const bool above = high > vma.last && high - vma.last >= length;
    const bool below = vma.first > low && vma.first - low >= length;
    if (!above && !below && vma.widest_gap < length) return 0;
    const uint64_t end = std::min(high, claimed_start(vma));
    if (const uint64_t found = lowest_gap_in(m, vma.left, low, end, length)) return found;
    return lowest_gap_in(m, vma.right, std::max(low, vma.end), high, length);
}

}  // namespace

Mapping mapping_of(const Machine& m, VmaId id)
{
    const Vma& vma = m[id];
    return {vma.start, vma.end, vma.offset, vma.flags, vma.inode, vma.file, vma.name};
}

VmaId find_vma_after(const Machine& m, MmId mm, uint64_t va)
{
    VmaId best;
    for (VmaId id = m[mm].vmas; id;) {
        const Vma& vma = m[id];
        if (va < vma.end) {
            best = id;
            if (va >= vma.start) return id;
            id = vma.left;
        } else {
            id = vma.right;
        }
    }
    return best;
}

VmaId find_vma(const Machine& m, MmId mm, uint64_t va)
{
    const VmaId id = find_vma_after(m, mm, va);
    return id && m[id].start <= va ? id : VmaId{};
}

VmaId find_vma_before(const Machine& m, MmId mm, uint64_t va)
{
    VmaId best;
    for (VmaId id = m[mm].vmas; id;) {
        const Vma& vma = m[id];
        if (vma.end <= va) best = id;
        id = vma.end <= va ? vma.right : vma.left;
    }
    return best;
}

void insert_mapping(Machine& m, MmId mm, const Mapping& mapping)
{
    plant_node(m, mm, mapping);
    merge_at(m, mm, mapping.start);
    merge_at(m, mm, mapping.end);
}

void remove_mapping(Machine& m, MmId mm, uint64_t start)
{
    account(m, mm, mapping_of(m, find_vma(m, mm, start)), false);
    VmaId gone;
    const VmaId root = VmaTree::erase(m, m[mm].vmas, start, gone);
    release_node(m, gone);
    m.edit(mm).vmas = root;
}

void split_mapping(Machine& m, MmId mm, uint64_t va)
{
    const VmaId id = find_vma(m, mm, va);
    if (!id || m[id].start == va) return;
    Mapping high = mapping_of(m, id);
    const uint64_t start = high.start;
    high.offset = high.offset_of(va);
    high.start = va;
    change_mapping(m, mm, start, [&](Vma& vma) { vma.end = va; });
    plant_node(m, mm, high);
}

void merge_at(Machine& m, MmId mm, uint64_t va)
{
    const VmaId low_id = va ? find_vma(m, mm, va - 1) : VmaId{};
    const VmaId high_id = find_vma(m, mm, va);
    if (!low_id || !high_id || low_id == high_id) return;
    const Mapping low = mapping_of(m, low_id), high = mapping_of(m, high_id);
    if (!mergeable(m, low, high)) return;
    remove_mapping(m, mm, high.start);
    change_mapping(m, mm, low.start, [&](Vma& vma) { vma.end = high.end; });
}

void set_mapping_flags(Machine& m, MmId mm, uint64_t start, uint32_t flags)
{
    change_mapping(m, mm, start, [&](Vma& vma) { vma.flags = flags; });
}

void grow_mapping(Machine& m, MmId mm, uint64_t start, uint64_t new_start, uint64_t new_end)
{
    change_mapping(m, mm, start, [&](Vma& vma) {
        vma.offset -= vma.start - new_start;
        vma.start = new_start;
        vma.end = new_end;
    });
}

VmaId share_vmas(Machine& m, VmaId root)
{
    if (root) ++m.edit(root).refs;
    return root;
}

void drop_vmas(Machine& m, VmaId root)
{
    if (!root) return;
    if (--m.edit(root).refs > 0) return;
    const VmaId left = m[root].left, right = m[root].right;
    release_node(m, root);
    drop_vmas(m, left);
    drop_vmas(m, right);
}

uint64_t claimed_start(const Vma& vma)
{
    if (!(vma.flags & vma_growsdown)) return vma.start;
    return vma.start > stack_guard_bytes ? vma.start - stack_guard_bytes : 0;
}

uint64_t highest_gap(const Machine& m, MmId mm, uint64_t length, uint64_t below)
{
    return highest_gap_in(m, m[mm].vmas, mmap_min_addr, below, length);
}

uint64_t lowest_gap(const Machine& m, MmId mm, uint64_t length, uint64_t above)
{
    return lowest_gap_in(m, m[mm].vmas, above, x86::user_end, length);
}

bool range_free(const Machine& m, MmId mm, uint64_t start, uint64_t end)
{
    const VmaId id = find_vma_after(m, mm, start);
    return !id || end <= claimed_start(m[id]);
}

uint64_t mapped_pages(const Machine& m, MmId mm, uint64_t start, uint64_t end)
{
    uint64_t pages = 0;
    for (uint64_t va = start; va < end;) {
        const VmaId id = find_vma_after(m, mm, va);
        if (!id || m[id].start >= end) break;
        const uint64_t from = std::max(va, m[id].start);
        va = std::min(end, m[id].end);
        pages += (va - from) / guest_page;
    }
    return pages;
}

}  // namespace norn
