// Names: the tree of dentries, and how the host's names below it are found (F2 in norn/fs.h).
//
//  D1  A directory's names are an AVL tree by bytes; a name is in it at most once, as a file or as a
//      whiteout. A host's name without a dentry has not been asked for yet.
//  D2  A dentry holds its inode and its parent. A dentry in the tree needs no reference to live; one
//      outside it (removed, or of a generated directory) goes with its last reference.
//  D3  Names made here are on their directory's list of new names, by cookie; names that the host has
//      as well are listed at the host's place, whoever made them.
#pragma once

#include <vector>

#include "fs/ops.h"

namespace norn {

/// Set in a cookie of a name made here; host's names have cookies by position.
inline constexpr uint64_t new_name_cookie = 1ull << 40;
inline constexpr uint64_t first_cookie = 2;

/// The dentry for `name` in the tree, a whiteout too; none if it is not there.
[[nodiscard]] DentryId find_name(const Machine& m, DentryId directory, std::string_view name);
/// Looks a name up, in memory, on the host or in a generated directory. The dentry is held. ENOENT, and
/// what the host says.
[[nodiscard]] Result<DentryId> look_up(Machine& m, TaskId self, DentryId directory, std::string_view name);
/// Makes a name for `inode` (takes over a reference of it) that no file has now.
DentryId add_name(Machine& m, DentryId directory, std::string_view name, InodeId inode);
/// Takes a name out of the tree; a host's name leaves a whiteout. The dentry goes when nobody holds it.
void remove_name(Machine& m, DentryId dentry);
/// Moves a name to a place where no file has that name now; a host's name leaves a whiteout.
void move_name(Machine& m, DentryId dentry, DentryId directory, std::string_view name);
/// Two names swap their inodes' places.
void exchange_names(Machine& m, DentryId one, DentryId other);
/// A batch of entries of a directory in memory, from cookie `cookie` on; none: the end.
[[nodiscard]] Result<std::vector<DirEntry>> memory_entries(Machine& m, DentryId directory, uint64_t cookie);
[[nodiscard]] Result<bool> is_empty_directory(Machine& m, DentryId directory);

/// A dentry that is in no tree of names, held once; takes over a reference of the inode. Its parent is
/// held, or itself when `parent` is none.
[[nodiscard]] DentryId new_dentry(Machine& m, DentryId parent, std::string_view name, InodeId inode);
void hold_dentry(Machine& m, DentryId dentry);
void put_dentry(Machine& m, DentryId dentry);
[[nodiscard]] bool is_hashed(const Machine& m, DentryId dentry);

}  // namespace norn
