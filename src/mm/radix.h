// Persistent radix trees in a machine: page tables, contents of files, descriptor tables, pids.
//
// Trees are shared by counting references to their root (`share_tree`); a change un-shares the path
// from the root down (M2 in norn/mm.h). `fork` is one such share, whatever the tree's size.
#pragma once

#include <cstdint>

#include "norn/machine.h"

namespace norn {

/// The entry at `key`, 0 if none. `exclusive`: it is reached through nodes with one reference each.
[[nodiscard]] uint32_t tree_find(const Machine& m, NodeId root, uint64_t key, bool& exclusive);
/// The entry at `key`, 0 if none.
[[nodiscard]] uint32_t tree_get(const Machine& m, NodeId root, uint64_t key);
/// Sets the entry; the tree takes over one reference of it. The entry that was there is released.
void tree_set(Machine& m, NodeId& root, NodeKind kind, uint64_t key, uint32_t entry, bool mark = false);
/// Removes the entry, if any, and releases it.
void tree_clear(Machine& m, NodeId& root, uint64_t key);
/// Removes and releases all entries in [first, last]; says how many.
uint64_t tree_clear_range(Machine& m, NodeId& root, uint64_t first, uint64_t last);
[[nodiscard]] bool tree_mark(const Machine& m, NodeId root, uint64_t key);
void tree_set_mark(Machine& m, NodeId& root, uint64_t key, bool mark);
/// Makes the path to `key` ours alone: nodes that are shared are copied, their entries held once more. The
/// leaf that has the entry, if there is one.
NodeId tree_unshare(Machine& m, NodeId& root, uint64_t key);
/// Puts another entry in the place of one that `tree_unshare` has found: takes over a reference of the new,
/// releases the old.
void tree_replace(Machine& m, NodeId leaf, uint64_t key, uint32_t entry);
/// One more reference to the tree.
[[nodiscard]] NodeId share_tree(Machine& m, NodeId root);
/// One reference less; the last one releases all entries.
void drop_tree(Machine& m, NodeId root);
/// The first key ≥ `from` that has an entry (`found` tells); and the first that has none.
[[nodiscard]] uint64_t tree_next(const Machine& m, NodeId root, uint64_t from, bool& found);
[[nodiscard]] uint64_t tree_next_free(const Machine& m, NodeId root, uint64_t from);
/// How many entries [first, last] has.
[[nodiscard]] uint64_t tree_count(const Machine& m, NodeId root, uint64_t first, uint64_t last);

}  // namespace norn
