// Descriptor tables, root and working directory.
//
//  D1  `open` counts the descriptors; no number below `next_fd` is free.
#include <algorithm>

#include "fs/abi.h"
#include "fs/locks.h"
#include "kernel/task.h"
#include "mm/radix.h"

namespace norn {

namespace {

void forget_fd(Machine& m, FilesId files, uint32_t fd)
{
    NodeId table = m[files].table;
    const InodeId inode = m[FileId{tree_get(m, table, fd)}].inode;
    release_posix_locks(m, files, inode);
    Files& edited = m.edit(files);
    edited.open--;
    edited.next_fd = std::min(edited.next_fd, fd);
    tree_clear(m, table, fd);
    m.edit(files).table = table;
}

void set_fd(Machine& m, FilesId files, uint32_t fd, FileId file, bool cloexec)
{
    NodeId table = m[files].table;
    tree_set(m, table, NodeKind::descriptors, fd, file.raw, cloexec);
    Files& edited = m.edit(files);
    edited.table = table;
    edited.open++;
    edited.highest = std::max(edited.highest, fd + 1);
}

}  // namespace

Result<FileId> fget(const Machine& m, TaskId self, int fd, bool path_too)
{
    const FilesId files = m[self].files;
    if (fd < 0 || !files) return EBADF;
    const FileId file{tree_get(m, m[files].table, static_cast<uint32_t>(fd))};
    if (!file) return EBADF;
    if (!path_too && m[file].kind == FileKind::path) return EBADF;
    return file;
}

Result<uint32_t> free_fd(const Machine& m, TaskId self, uint32_t from)
{
    const uint64_t limit = std::min<uint64_t>(rlimit(m, self, rlimit_nofile).soft, 1u << 30);
    const Files& files = m[m[self].files];
    const uint64_t fd = tree_next_free(m, files.table, std::max(from, files.next_fd));
    if (fd >= limit) return EMFILE;
    return static_cast<uint32_t>(fd);
}

Result<int> install_fd(Machine& m, TaskId self, FileId file, uint32_t from, bool cloexec)
{
    const uint32_t fd = TRY(free_fd(m, self, from));
    const FilesId files = m[self].files;
    set_fd(m, files, fd, file, cloexec);
    if (from <= m[files].next_fd) m.edit(files).next_fd = fd + 1;
    return static_cast<int>(fd);
}

Result<> replace_fd(Machine& m, TaskId self, FileId file, int fd, bool cloexec)
{
    if (fd < 0 || static_cast<uint64_t>(fd) >= rlimit(m, self, rlimit_nofile).soft) return EBADF;
    const FilesId files = m[self].files;
    if (tree_get(m, m[files].table, static_cast<uint32_t>(fd)))
        forget_fd(m, files, static_cast<uint32_t>(fd));
    set_fd(m, files, static_cast<uint32_t>(fd), file, cloexec);
    return {};
}

Result<> close_fd(Machine& m, TaskId self, int fd)
{
    TRY(fget(m, self, fd, true));
    forget_fd(m, m[self].files, static_cast<uint32_t>(fd));
    return {};
}

void close_fds(Machine& m, FilesId files, uint32_t first, uint32_t last, bool mark_only)
{
    bool found = true;
    for (uint64_t fd = first; fd <= last; ++fd) {
        fd = tree_next(m, m[files].table, fd, found);
        if (!found || fd > last) return;
        if (mark_only) {
            NodeId table = m[files].table;
            tree_set_mark(m, table, fd, true);
            m.edit(files).table = table;
        } else {
            forget_fd(m, files, static_cast<uint32_t>(fd));
        }
    }
}

FilesId copy_files(Machine& m, FilesId from)
{
    const NodeId table = share_tree(m, m[from].table);
    const FilesId copy = m.allocate_like(from);
    Files& made = m.edit(copy);
    made.table = table;
    made.refs = 1;
    made.posix_locks = 0;
    return copy;
}

void put_files(Machine& m, FilesId files)
{
    if (--m.edit(files).refs > 0) return;
    release_all_posix_locks(m, files);
    const NodeId table = m[files].table;
    m.edit(files).table = NodeId{};
    drop_tree(m, table);
    m.free(files);
}

void set_cloexec(Machine& m, TaskId self, int fd, bool on)
{
    const FilesId files = m[self].files;
    NodeId table = m[files].table;
    tree_set_mark(m, table, static_cast<uint64_t>(fd), on);
    m.edit(files).table = table;
}

void close_on_exec(Machine& m, FilesId files)
{
    bool found = true;
    for (uint64_t fd = 0;; ++fd) {
        fd = tree_next(m, m[files].table, fd, found);
        if (!found) return;
        if (tree_mark(m, m[files].table, fd)) forget_fd(m, files, static_cast<uint32_t>(fd));
    }
}

FsId copy_fs(Machine& m, FsId from)
{
    const FsId copy = m.allocate_like(from);
    m.edit(copy).refs = 1;
    hold_path(m, m[copy].root);
    hold_path(m, m[copy].cwd);
    return copy;
}

void put_fs(Machine& m, FsId fs)
{
    if (--m.edit(fs).refs > 0) return;
    put_path(m, m[fs].root);
    put_path(m, m[fs].cwd);
    m.free(fs);
}

}  // namespace norn
