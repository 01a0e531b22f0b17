// Inodes: making, attributes, contents.
#pragma once

#include "fs/ops.h"

namespace norn {

/// "/usr" + "bin"; the root is "/".
[[nodiscard]] std::string join_path(std::string_view directory, std::string_view name);
/// How files of this type are kept.
[[nodiscard]] InodeKind kind_of_mode(uint32_t mode);
/// A new inode for a file of the host, one reference. What the view says it cannot be.
[[nodiscard]] Result<InodeId> inode_from_host(Machine& m, const std::string& host_path);

[[nodiscard]] inline bool is_directory(const Machine& m, InodeId inode)
{
    return (m[inode].mode & 0170000) == 0040000;
}

enum TimeMask : uint32_t { touch_atime = 1, touch_mtime = 2, touch_ctime = 4 };
void touch(Machine& m, InodeId inode, uint32_t which);
/// relatime: the access time follows when it is older than a change, or than a day.
void touch_atime_of(Machine& m, InodeId inode);
/// The inode differs from the host's from now on.
void mark_changed(Machine& m, InodeId inode);
/// One name less; the contents go with the last reference.
void drop_link(Machine& m, InodeId inode);

/// Contents of regular files. Reads past the end are short.
[[nodiscard]] Result<uint64_t> read_pages(Machine& m, TaskId self, InodeId inode, uint64_t offset,
                                          IoCursor& to);
/// Writes at `offset`, which may be past the end; short when memory or a user's buffer ends.
[[nodiscard]] Result<uint64_t> write_pages(Machine& m, TaskId self, InodeId inode, uint64_t offset,
                                           IoCursor& from);
/// The most bytes that a file can hold: as ext4 has it, or a file in memory.
[[nodiscard]] uint64_t max_file_size(const Machine& m, InodeId inode);
[[nodiscard]] Result<> truncate_inode(Machine& m, InodeId inode, uint64_t size);
/// Zeroes [start, end), giving whole pages back.
[[nodiscard]] Result<> punch_hole(Machine& m, InodeId inode, uint64_t start, uint64_t end);
/// Takes the whole pages [start, end) out, or puts holes in there; what is behind moves.
[[nodiscard]] Result<> collapse_range(Machine& m, InodeId inode, uint64_t start, uint64_t end);
[[nodiscard]] Result<> insert_range(Machine& m, InodeId inode, uint64_t start, uint64_t end);
/// Makes pages for [start, end) that are not there yet.
[[nodiscard]] Result<> allocate_range(Machine& m, InodeId inode, uint64_t start, uint64_t end);
/// The first offset ≥ `from` with data, or with none; ENXIO when there is none before the end.
[[nodiscard]] Result<uint64_t> seek_data(const Machine& m, InodeId inode, uint64_t from);
[[nodiscard]] Result<uint64_t> seek_hole(const Machine& m, InodeId inode, uint64_t from);

}  // namespace norn
