// Persistent radix trees.
//
// Their shape depends only on their keys: a leaf has entries, an inner node has at least two children
// and the least `shift` that tells them apart.
//
//  R1  A node's key range is aligned; `base` has zeros below it.
//  R2  Only nodes with one reference are changed (M2). Copying one holds its children once more.
#include "mm/radix.h"

#include <bit>

#include "fs/file.h"
#include "mm/frame.h"

namespace norn {

namespace {

constexpr uint32_t width_bits = 5;
constexpr uint32_t width = 1u << width_bits;

/// Bits of the key below a node: its range is base … base | range_mask.
uint64_t range_mask(uint32_t shift)
{
    return shift + width_bits >= 64 ? ~0ull : (1ull << (shift + width_bits)) - 1;
}

bool covers(const Node& node, uint64_t key)
{
    return ((key ^ node.base) & ~range_mask(node.shift)) == 0;
}

uint32_t slot_of(const Node& node, uint64_t key)
{
    return static_cast<uint32_t>(key >> node.shift) & (width - 1);
}

bool has(const Node& node, uint32_t slot)
{
    return node.used >> slot & 1;
}

void hold_entry(Machine& m, NodeKind kind, uint32_t entry)
{
    if (kind == NodeKind::page_table || kind == NodeKind::file_pages)
        hold_page(m, PageId{entry});
    else if (kind == NodeKind::descriptors)
        hold_file(m, FileId{entry});
}

void put_entry(Machine& m, NodeKind kind, uint32_t entry)
{
    if (kind == NodeKind::page_table || kind == NodeKind::file_pages)
        put_page(m, PageId{entry});
    else if (kind == NodeKind::descriptors)
        put_file(m, FileId{entry});
}

/// What a file shows changed other than by a store: engines must look its pages up again.
void note_file_change(Machine& m, NodeKind kind)
{
    constexpr auto all = SpaceNotice::Kind::invalidate_all;
    if (kind != NodeKind::file_pages) return;
    if (m.notices.empty() || m.notices.back().kind != all) m.notices.push_back({all, 0, 0, 0});
}

/// Takes over a reference to a node and returns one to a node with the same contents that is ours alone.
NodeId own_node(Machine& m, NodeId id)
{
    if (m[id].refs == 1) return id;
    const NodeId copy = m.allocate_like(id);
    --m.edit(id).refs;
    m.edit(copy).refs = 1;
    const NodeKind kind = m[copy].kind;
    const bool leaf = m[copy].shift == 0;
    for (uint32_t live = m[copy].used; live; live &= live - 1) {
        const uint32_t child = m[copy].slot[static_cast<uint32_t>(std::countr_zero(live))];
        if (leaf)
            hold_entry(m, kind, child);
        else
            ++m.edit(NodeId{child}).refs;
    }
    return copy;
}

NodeId new_leaf(Machine& m, NodeKind kind, uint64_t key, uint32_t entry, bool mark)
{
    const NodeId id = m.allocate<Node>();
    Node& leaf = m.edit(id);
    leaf.base = key & ~range_mask(0);
    leaf.refs = 1;
    leaf.kind = kind;
    const uint32_t slot = slot_of(leaf, key);
    leaf.used = 1u << slot;
    leaf.marks = mark ? 1u << slot : 0;
    leaf.slot[slot] = entry;
    return id;
}

/// An inner node over two nodes whose ranges do not overlap.
NodeId join(Machine& m, NodeId a, NodeId b)
{
    const uint64_t base_a = m[a].base, base_b = m[b].base;
    const auto highest = static_cast<uint32_t>(std::bit_width(base_a ^ base_b)) - 1;
    const NodeKind kind = m[a].kind;
    const NodeId id = m.allocate<Node>();
    Node& inner = m.edit(id);
    inner.shift = static_cast<uint8_t>(highest / width_bits * width_bits);
    inner.base = base_a & ~range_mask(inner.shift);
    inner.refs = 1;
    inner.kind = kind;
    inner.used = 1u << slot_of(inner, base_a) | 1u << slot_of(inner, base_b);
    inner.slot[slot_of(inner, base_a)] = a.raw;
    inner.slot[slot_of(inner, base_b)] = b.raw;
    return id;
}

/// Where the name of a node is written: the root, or a slot of its parent.
struct Link {
    NodeId* root;
    NodeId parent;
    uint32_t slot = 0;

    [[nodiscard]] NodeId get(const Machine& m) const { return parent ? NodeId{m[parent].slot[slot]} : *root; }
    void set(Machine& m, NodeId id) const
    {
        if (!parent) {
            *root = id;
            return;
        }
        Node& node = m.edit(parent);
        node.used |= 1u << slot;
        node.slot[slot] = id.raw;
    }
};

/// Makes the node at a link ours alone.
NodeId own_link(Machine& m, const Link& link)
{
    const NodeId id = link.get(m);
    const NodeId owned = own_node(m, id);
    if (owned != id) link.set(m, owned);
    return owned;
}

/// Sets an entry in a leaf that covers its key and is ours; releases what was there.
void set_in_leaf(Machine& m, NodeId id, uint64_t key, uint32_t entry, bool mark)
{
    const uint32_t slot = slot_of(m[id], key);
    const uint32_t before = has(m[id], slot) ? m[id].slot[slot] : 0;
    const NodeKind kind = m[id].kind;
    Node& leaf = m.edit(id);
    leaf.used |= 1u << slot;
    leaf.marks = (leaf.marks & ~(1u << slot)) | (mark ? 1u << slot : 0);
    leaf.slot[slot] = entry;
    if (!before) return;
    note_file_change(m, kind);
    put_entry(m, kind, before);
}

/// The leaf that covers the key; none if there is none.
NodeId find_leaf(const Machine& m, NodeId id, uint64_t key)
{
    while (id) {
        const Node& node = m[id];
        if (!covers(node, key)) return {};
        if (node.shift == 0) return id;
        const uint32_t slot = slot_of(node, key);
        id = has(node, slot) ? NodeId{node.slot[slot]} : NodeId{};
    }
    return {};
}

/// The slots of a node, as bits, that keys in [first, last] may be in.
uint32_t slots_in(const Node& node, uint64_t first, uint64_t last)
{
    const uint64_t high = node.base | range_mask(node.shift);
    if (last < node.base || first > high) return 0;
    const uint32_t from = first <= node.base ? 0 : slot_of(node, first);
    const uint32_t to = last >= high ? width - 1 : slot_of(node, last);
    return ~0u >> (width - 1 - to) >> from << from;
}

uint64_t count_in(const Machine& m, NodeId id, uint64_t first, uint64_t last)
{
    const Node& node = m[id];
    const uint32_t within = node.used & slots_in(node, first, last);
    if (node.shift == 0) return static_cast<uint64_t>(std::popcount(within));
    uint64_t count = 0;
    for (uint32_t live = within; live; live &= live - 1)
        count += count_in(m, NodeId{node.slot[static_cast<uint32_t>(std::countr_zero(live))]}, first, last);
    return count;
}

/// Clears a range of a leaf that is ours.
void clear_in_leaf(Machine& m, NodeId id, uint64_t first, uint64_t last)
{
    const Node before = m[id];
    const uint32_t cleared = before.used & slots_in(before, first, last);
    Node& after = m.edit(id);
    after.used &= ~cleared;
    after.marks &= ~cleared;
    for (uint32_t gone = cleared; gone; gone &= gone - 1)
        after.slot[static_cast<uint32_t>(std::countr_zero(gone))] = 0;
    for (uint32_t gone = cleared; gone; gone &= gone - 1)
        put_entry(m, before.kind, before.slot[static_cast<uint32_t>(std::countr_zero(gone))]);
}

NodeId clear_range_in(Machine& m, NodeId id, uint64_t first, uint64_t last);

void clear_in_children(Machine& m, NodeId id, uint64_t first, uint64_t last)
{
    for (uint32_t live = m[id].used & slots_in(m[id], first, last); live; live &= live - 1) {
        const auto slot = static_cast<uint32_t>(std::countr_zero(live));
        const NodeId child{m[id].slot[slot]};
        const NodeId left = clear_range_in(m, child, first, last);
        if (left == child) continue;
        Node& node = m.edit(id);
        node.slot[slot] = left.raw;
        if (!left) node.used &= ~(1u << slot);
    }
}

/// Takes over a reference to a subtree, returns one to what is left of it.
NodeId clear_range_in(Machine& m, NodeId id, uint64_t first, uint64_t last)
{
    const uint64_t low = m[id].base, high = low | range_mask(m[id].shift);
    if (first <= low && high <= last) {
        drop_tree(m, id);
        return {};
    }
    if (count_in(m, id, first, last) == 0) return id;
    id = own_node(m, id);
    if (m[id].shift == 0)
        clear_in_leaf(m, id, first, last);
    else
        clear_in_children(m, id, first, last);

    const Node& left = m[id];
    if (left.used == 0) {
        m.free(id);
        return {};
    }
    if (left.shift > 0 && std::has_single_bit(left.used)) {
        const NodeId only{left.slot[static_cast<uint32_t>(std::countr_zero(left.used))]};
        m.free(id);
        return only;
    }
    return id;
}

bool next_in(const Machine& m, NodeId id, uint64_t from, uint64_t& key)
{
    const Node& node = m[id];
    if (from > (node.base | range_mask(node.shift))) return false;
    const uint32_t start = from <= node.base ? 0 : slot_of(node, from);
    for (uint32_t live = node.used >> start << start; live; live &= live - 1) {
        const auto slot = static_cast<uint32_t>(std::countr_zero(live));
        if (node.shift == 0) {
            key = node.base + slot;
            return true;
        }
        if (next_in(m, NodeId{node.slot[slot]}, from, key)) return true;
    }
    return false;
}

}  // namespace

uint32_t tree_find(const Machine& m, NodeId root, uint64_t key, bool& exclusive)
{
    exclusive = true;
    for (NodeId id = root; id;) {
        const Node& node = m[id];
        exclusive &= node.refs == 1;
        const uint32_t slot = slot_of(node, key);
        if (!covers(node, key) || !has(node, slot)) return 0;
        if (node.shift == 0) return node.slot[slot];
        id = NodeId{node.slot[slot]};
    }
    return 0;
}

uint32_t tree_get(const Machine& m, NodeId root, uint64_t key)
{
    bool exclusive = false;
    return tree_find(m, root, key, exclusive);
}

void tree_set(Machine& m, NodeId& root, NodeKind kind, uint64_t key, uint32_t entry, bool mark)
{
    NORN_ASSERT(entry != 0);
    if (kind == NodeKind::file_pages && !m[PageId{entry}].in_file) m.edit(PageId{entry}).in_file = 1;
    Link link{&root, {}};
    for (;;) {
        const NodeId id = link.get(m);
        if (!id) return link.set(m, new_leaf(m, kind, key, entry, mark));
        if (!covers(m[id], key)) return link.set(m, join(m, id, new_leaf(m, kind, key, entry, mark)));
        const NodeId owned = own_link(m, link);
        if (m[owned].shift == 0) return set_in_leaf(m, owned, key, entry, mark);
        link = {&root, owned, slot_of(m[owned], key)};
    }
}

void tree_clear(Machine& m, NodeId& root, uint64_t key)
{
    tree_clear_range(m, root, key, key);
}

uint64_t tree_clear_range(Machine& m, NodeId& root, uint64_t first, uint64_t last)
{
    const uint64_t count = tree_count(m, root, first, last);
    if (count == 0) return 0;
    note_file_change(m, m[root].kind);
    const NodeId before = root;
    root = {};
    root = clear_range_in(m, before, first, last);
    return count;
}

bool tree_mark(const Machine& m, NodeId root, uint64_t key)
{
    const NodeId leaf = find_leaf(m, root, key);
    return leaf && (m[leaf].marks >> slot_of(m[leaf], key) & 1);
}

void tree_set_mark(Machine& m, NodeId& root, uint64_t key, bool mark)
{
    if (!tree_get(m, root, key) || tree_mark(m, root, key) == mark) return;
    tree_unshare(m, root, key);
    const NodeId leaf = find_leaf(m, root, key);
    m.edit(leaf).marks ^= 1u << slot_of(m[leaf], key);
}

NodeId tree_unshare(Machine& m, NodeId& root, uint64_t key)
{
    Link link{&root, {}};
    while (link.get(m) && covers(m[link.get(m)], key)) {
        const NodeId owned = own_link(m, link);
        const uint32_t slot = slot_of(m[owned], key);
        if (!has(m[owned], slot)) return {};
        if (m[owned].shift == 0) return owned;
        link = {&root, owned, slot};
    }
    return {};
}

void tree_replace(Machine& m, NodeId leaf, uint64_t key, uint32_t entry)
{
    set_in_leaf(m, leaf, key, entry, false);
}

NodeId share_tree(Machine& m, NodeId root)
{
    if (root) ++m.edit(root).refs;
    return root;
}

void drop_tree(Machine& m, NodeId root)
{
    if (!root) return;
    if (--m.edit(root).refs > 0) return;
    const NodeKind kind = m[root].kind;
    const bool leaf = m[root].shift == 0;
    for (uint32_t live = m[root].used; live; live &= live - 1) {
        const uint32_t child = m[root].slot[static_cast<uint32_t>(std::countr_zero(live))];
        if (leaf)
            put_entry(m, kind, child);
        else
            drop_tree(m, NodeId{child});
    }
    m.free(root);
}

uint64_t tree_next(const Machine& m, NodeId root, uint64_t from, bool& found)
{
    uint64_t key = 0;
    found = root && next_in(m, root, from, key);
    return key;
}

uint64_t tree_next_free(const Machine& m, NodeId root, uint64_t from)
{
    uint64_t key = from;
    for (;;) {
        const NodeId leaf = find_leaf(m, root, key);
        if (!leaf) return key;
        const Node& node = m[leaf];
        const uint32_t start = slot_of(node, key);
        const uint32_t free = ~node.used >> start << start;
        if (free) return node.base + static_cast<uint32_t>(std::countr_zero(free));
        key = node.base + width;
    }
}

uint64_t tree_count(const Machine& m, NodeId root, uint64_t first, uint64_t last)
{
    return root ? count_in(m, root, first, last) : 0;
}

}  // namespace norn
