// Making, removing and moving names: mkdir(2), mknod(2), link(2), symlink(2), unlink(2), rmdir(2),
// rename(2).
#include <algorithm>

#include "fs/dentry.h"
#include "fs/inode.h"
#include "fs/namei.h"
#include "fs/open.h"
#include "fs/syscalls.h"
#include "kernel/task.h"

namespace norn {

namespace {

enum RenameFlag : uint32_t { rename_noreplace = 1, rename_exchange = 2, rename_whiteout = 4 };

constexpr uint64_t new_directory_size = 4096;

Result<LastComponent> user_parent_at(Machine& m, TaskId self, int dirfd, UserStr path)
{
    const std::string name = TRY(get_path(m, self, path));
    return parent_at(m, self, dirfd, name);
}

Result<HeldPath> find_last(Machine& m, TaskId self, const LastComponent& last)
{
    Walker walker(m, self, {});
    return walker.step(last);
}

// A directory that was removed takes no names any more.
Result<> may_create(const Machine& m, TaskId self, InodeId directory)
{
    if (m[directory].nlink == 0) return ENOENT;
    return may(m, self, directory, may_write | may_exec);
}

// The place for a new name (filename_create).
Result<LastComponent> place_for_new(Machine& m, TaskId self, int dirfd, UserStr path, bool directory)
{
    LastComponent last = TRY(user_parent_at(m, self, dirfd, path));
    if (!last.names_entry()) return EEXIST;
    const auto found = find_last(m, self, last);
    if (found.ok()) return EEXIST;
    if (found.error() != ENOENT) return found.error();
    if (last.trailing_slash && !directory) return ENOENT;
    if (m[last.directory.inode()].kind == InodeKind::proc) return ENOENT;
    TRY(may_create(m, self, last.directory.inode()));
    if (m[last.directory.inode()].kind != InodeKind::memory) return EPERM;
    return last;
}

InodeId make_inode(Machine& m, TaskId self, InodeId directory, uint32_t mode)
{
    const InodeId made = new_inode(m, m[directory].fs, kind_of_mode(mode), mode, m[directory].dev);
    return init_owner(m, self, directory, made);
}

void link_name(Machine& m, const LastComponent& last, InodeId inode)
{
    add_name(m, last.directory.dentry(), last.name, inode);
    touch(m, last.directory.inode(), touch_mtime | touch_ctime);
    mark_changed(m, last.directory.inode());
}

// A directory's links are its names and its children's "..", where its file system counts those at all.
void count_subdirectory(Machine& m, InodeId directory, int change)
{
    const uint32_t nlink = m[directory].nlink;
    if (change > 0 ? nlink >= 2 : nlink > 2) m.edit(directory).nlink = nlink + static_cast<uint32_t>(change);
}

Result<> make_directory_at(Machine& m, TaskId self, int dirfd, UserStr path, uint32_t mode)
{
    const LastComponent last = TRY(place_for_new(m, self, dirfd, path, true));
    const uint32_t umask = m[m[self].fs].umask;
    const InodeId inode = make_inode(m, self, last.directory.inode(), s_ifdir | (mode & 01777 & ~umask));
    Inode& made = m.edit(inode);
    made.size = new_directory_size;
    made.blocks = new_directory_size / 512;
    link_name(m, last, inode);
    count_subdirectory(m, last.directory.inode(), 1);
    return {};
}

Result<> make_node_at(Machine& m, TaskId self, int dirfd, UserStr path, uint32_t mode, uint64_t dev)
{
    const uint32_t type = type_of(mode) ? type_of(mode) : uint32_t{s_ifreg};
    if (type == s_ifdir) return EPERM;
    if (type != s_ifreg && type != s_ifchr && type != s_ifblk && type != s_ififo && type != s_ifsock)
        return EINVAL;
    const LastComponent last = TRY(place_for_new(m, self, dirfd, path, false));
    const bool device = type == s_ifchr || type == s_ifblk;
    if (device && !capable(m, self, cap_mknod)) return EPERM;
    const uint32_t umask = m[m[self].fs].umask;
    const InodeId inode = make_inode(m, self, last.directory.inode(), type | (mode & 07777 & ~umask));
    if (device) m.edit(inode).rdev = dev;
    link_name(m, last, inode);
    return {};
}

Result<> make_symlink_at(Machine& m, TaskId self, UserStr target, int dirfd, UserStr path)
{
    const std::string text = TRY(get_path(m, self, target));
    if (text.empty()) return ENOENT;
    const LastComponent last = TRY(place_for_new(m, self, dirfd, path, false));
    const TextId link = new_text(m, text);
    const InodeId inode = make_inode(m, self, last.directory.inode(), s_iflnk | 0777);
    Inode& made = m.edit(inode);
    made.link = link;
    made.size = text.size();
    link_name(m, last, inode);
    return {};
}

// fs.protected_hardlinks: whoever cannot write a file, and does not own it, shall not pin it by a name.
bool safe_to_link(const Machine& m, TaskId self, InodeId inode)
{
    if (owner_or_capable(m, self, inode)) return true;
    const uint32_t mode = m[inode].mode;
    const bool setgid = (mode & s_isgid) && (mode & 010);
    if (type_of(mode) != s_ifreg || (mode & s_isuid) || setgid) return false;
    return may(m, self, inode, may_read | may_write).ok();
}

Result<> link_at(Machine& m, TaskId self, int old_dirfd, UserStr old_path, int new_dirfd, UserStr new_path,
                 uint32_t flags)
{
    if (flags & ~(at_symlink_follow | at_empty_path)) return EINVAL;
    WalkOptions options;
    options.follow = flags & at_symlink_follow;
    options.empty_path = (flags & at_empty_path) && capable(m, self, cap_dac_read_search);
    const HeldPath old = TRY(user_path_at(m, self, old_dirfd, old_path, options));
    const LastComponent last = TRY(place_for_new(m, self, new_dirfd, new_path, false));
    if (old.path().mount != last.directory.path().mount) return EXDEV;
    const InodeId inode = old.inode();
    if (is_directory(m, inode)) return EPERM;
    if (!safe_to_link(m, self, inode)) return EPERM;
    if (m[inode].nlink == 0 && !m[inode].special) return ENOENT;
    hold_inode(m, inode);
    Inode& linked = m.edit(inode);
    linked.nlink++;
    linked.special = 0;
    touch(m, inode, touch_ctime);
    link_name(m, last, inode);
    return {};
}

Result<> may_delete(const Machine& m, TaskId self, InodeId directory, const HeldPath& victim,
                    bool want_directory)
{
    TRY(may(m, self, directory, may_write | may_exec));
    const InodeId inode = victim.inode();
    if ((m[directory].mode & s_isvtx) && !owner_or_capable(m, self, inode) &&
        m[m[self].cred].fsuid != m[directory].uid)
        return EPERM;
    const bool is_dir = is_directory(m, inode);
    if (want_directory && !is_dir) return ENOTDIR;
    if (!want_directory && is_dir) return EISDIR;
    const Path place = victim.path();
    if (place.mount && place.dentry == m[place.mount].root) return EBUSY;
    if (m[place.dentry].flags & dentry_mounted) return EBUSY;
    if (m[directory].kind != InodeKind::memory) return EPERM;
    return {};
}

void unlink_name(Machine& m, InodeId directory, const HeldPath& victim)
{
    const InodeId inode = victim.inode();
    if (is_directory(m, inode)) {
        m.edit(inode).nlink = 0;
        count_subdirectory(m, directory, -1);
        touch(m, inode, touch_ctime);
    } else {
        drop_link(m, inode);
    }
    touch(m, directory, touch_mtime | touch_ctime);
    mark_changed(m, directory);
    remove_name(m, victim.dentry());
}

Result<> remove_directory_at(Machine& m, TaskId self, int dirfd, UserStr path)
{
    const LastComponent last = TRY(user_parent_at(m, self, dirfd, path));
    if (last.name.empty()) return EBUSY;
    if (last.name == ".") return EINVAL;
    if (last.name == "..") return ENOTEMPTY;
    const HeldPath victim = TRY(find_last(m, self, last));
    TRY(may_delete(m, self, last.directory.inode(), victim, true));
    if (!TRY(is_empty_directory(m, victim.dentry()))) return ENOTEMPTY;
    unlink_name(m, last.directory.inode(), victim);
    return {};
}

Result<> unlink_at(Machine& m, TaskId self, int dirfd, UserStr path)
{
    const LastComponent last = TRY(user_parent_at(m, self, dirfd, path));
    if (!last.names_entry()) return EISDIR;
    const HeldPath victim = TRY(find_last(m, self, last));
    if (last.trailing_slash) return is_directory(m, victim.inode()) ? EISDIR : ENOTDIR;
    TRY(may_delete(m, self, last.directory.inode(), victim, false));
    unlink_name(m, last.directory.inode(), victim);
    return {};
}

// ---- rename ------------------------------------------------------------------------------------------

bool is_above(const Machine& m, DentryId above, DentryId below)
{
    while (true) {
        if (below == above) return true;
        if (m[below].parent == below) return false;
        below = m[below].parent;
    }
}

/// Both sides of a rename; `target` is empty when the new name is free.
struct Rename {
    LastComponent from, to;
    HeldPath source, target;
    uint32_t flags = 0;
    [[nodiscard]] bool exchange() const { return flags & rename_exchange; }
    [[nodiscard]] bool replaces() const { return static_cast<bool>(target.dentry()); }
};

Result<> find_both(Machine& m, TaskId self, Rename& r)
{
    if (r.from.directory.path().mount != r.to.directory.path().mount) return EXDEV;
    if (!r.from.names_entry()) return EBUSY;
    if (!r.to.names_entry()) return r.flags & rename_noreplace ? EEXIST : EBUSY;
    r.source = TRY(find_last(m, self, r.from));
    auto target = find_last(m, self, r.to);
    if (target.ok())
        r.target = std::move(*target);
    else if (target.error() != ENOENT || r.exchange())
        return target.error();
    if ((r.flags & rename_noreplace) && r.replaces()) return EEXIST;
    const bool source_is_dir = is_directory(m, r.source.inode());
    if (r.exchange() && r.to.trailing_slash && !is_directory(m, r.target.inode())) return ENOTDIR;
    if (!source_is_dir && (r.from.trailing_slash || (!r.exchange() && r.to.trailing_slash))) return ENOTDIR;
    if (is_above(m, r.source.dentry(), r.to.directory.dentry())) return EINVAL;
    if (r.replaces() && is_above(m, r.target.dentry(), r.from.directory.dentry()))
        return r.exchange() ? EINVAL : ENOTEMPTY;
    return {};
}

Result<> may_rename(const Machine& m, TaskId self, const Rename& r)
{
    const InodeId from = r.from.directory.inode();
    const InodeId to = r.to.directory.inode();
    const bool source_is_dir = is_directory(m, r.source.inode());
    TRY(may_delete(m, self, from, r.source, source_is_dir));
    if (!r.replaces())
        TRY(may_create(m, self, to));
    else
        TRY(may_delete(m, self, to, r.target,
                       r.exchange() ? is_directory(m, r.target.inode()) : source_is_dir));
    if (from == to) return {};
    if (source_is_dir) TRY(may(m, self, r.source.inode(), may_write));
    if (r.exchange() && is_directory(m, r.target.inode())) TRY(may(m, self, r.target.inode(), may_write));
    return {};
}

// Where a directory moves, its ".." moves with it.
void move_count(Machine& m, InodeId moved, InodeId from, InodeId to)
{
    if (!is_directory(m, moved) || from == to) return;
    count_subdirectory(m, from, -1);
    count_subdirectory(m, to, 1);
}

// A device without a number stays behind, as the upper layers of overlays keep what is gone below.
void leave_whiteout_file(Machine& m, TaskId self, const LastComponent& place)
{
    link_name(m, place, make_inode(m, self, place.directory.inode(), s_ifchr));
}

void do_rename(Machine& m, const Rename& r)
{
    const InodeId from = r.from.directory.inode();
    const InodeId to = r.to.directory.inode();
    const InodeId source = r.source.inode();
    move_count(m, source, from, to);
    if (r.exchange()) {
        const InodeId target = r.target.inode();
        move_count(m, target, to, from);
        exchange_names(m, r.source.dentry(), r.target.dentry());
        touch(m, target, touch_ctime);
    } else {
        if (r.replaces()) unlink_name(m, to, r.target);
        move_name(m, r.source.dentry(), r.to.directory.dentry(), r.to.name);
    }
    touch(m, source, touch_ctime);
    for (const InodeId directory : {from, to}) {
        touch(m, directory, touch_mtime | touch_ctime);
        mark_changed(m, directory);
    }
}

Result<> rename_at(Machine& m, TaskId self, int old_dirfd, UserStr old_path, int new_dirfd, UserStr new_path,
                   uint32_t flags)
{
    if (flags & ~(rename_noreplace | rename_exchange | rename_whiteout)) return EINVAL;
    if ((flags & rename_noreplace) && (flags & rename_exchange)) return EINVAL;
    if ((flags & rename_whiteout) && (flags & rename_exchange)) return EINVAL;
    Rename r;
    r.flags = flags;
    r.from = TRY(user_parent_at(m, self, old_dirfd, old_path));
    r.to = TRY(user_parent_at(m, self, new_dirfd, new_path));
    TRY(find_both(m, self, r));
    if (r.replaces() && r.source.inode() == r.target.inode()) return {};
    TRY(may_rename(m, self, r));
    const bool onto_directory = r.replaces() && !r.exchange() && is_directory(m, r.target.inode());
    if (onto_directory && !TRY(is_empty_directory(m, r.target.dentry()))) return ENOTEMPTY;
    do_rename(m, r);
    if (flags & rename_whiteout) leave_whiteout_file(m, self, r.from);
    return {};
}

}  // namespace

Result<> sys_mkdir(Machine& m, TaskId self, UserStr path, uint32_t mode)
{
    return make_directory_at(m, self, at_fdcwd, path, mode);
}

Result<> sys_mkdirat(Machine& m, TaskId self, int dirfd, UserStr path, uint32_t mode)
{
    return make_directory_at(m, self, dirfd, path, mode);
}

Result<> sys_mknod(Machine& m, TaskId self, UserStr path, uint32_t mode, uint32_t dev)
{
    return make_node_at(m, self, at_fdcwd, path, mode, dev);
}

Result<> sys_mknodat(Machine& m, TaskId self, int dirfd, UserStr path, uint32_t mode, uint32_t dev)
{
    return make_node_at(m, self, dirfd, path, mode, dev);
}

Result<> sys_symlink(Machine& m, TaskId self, UserStr target, UserStr path)
{
    return make_symlink_at(m, self, target, at_fdcwd, path);
}

Result<> sys_symlinkat(Machine& m, TaskId self, UserStr target, int dirfd, UserStr path)
{
    return make_symlink_at(m, self, target, dirfd, path);
}

Result<> sys_link(Machine& m, TaskId self, UserStr old_path, UserStr new_path)
{
    return link_at(m, self, at_fdcwd, old_path, at_fdcwd, new_path, 0);
}

Result<> sys_linkat(Machine& m, TaskId self, int old_dirfd, UserStr old_path, int new_dirfd, UserStr new_path,
                    int flags)
{
    return link_at(m, self, old_dirfd, old_path, new_dirfd, new_path, static_cast<uint32_t>(flags));
}

Result<> sys_rmdir(Machine& m, TaskId self, UserStr path)
{
    return remove_directory_at(m, self, at_fdcwd, path);
}

Result<> sys_unlink(Machine& m, TaskId self, UserStr path)
{
    return unlink_at(m, self, at_fdcwd, path);
}

Result<> sys_unlinkat(Machine& m, TaskId self, int dirfd, UserStr path, int flags)
{
    const auto bits = static_cast<uint32_t>(flags);
    if (bits & ~at_removedir) return EINVAL;
    return bits & at_removedir ? remove_directory_at(m, self, dirfd, path) : unlink_at(m, self, dirfd, path);
}

Result<> sys_rename(Machine& m, TaskId self, UserStr old_path, UserStr new_path)
{
    return rename_at(m, self, at_fdcwd, old_path, at_fdcwd, new_path, 0);
}

Result<> sys_renameat(Machine& m, TaskId self, int old_dirfd, UserStr old_path, int new_dirfd,
                      UserStr new_path)
{
    return rename_at(m, self, old_dirfd, old_path, new_dirfd, new_path, 0);
}

Result<> sys_renameat2(Machine& m, TaskId self, int old_dirfd, UserStr old_path, int new_dirfd,
                       UserStr new_path, uint32_t flags)
{
    return rename_at(m, self, old_dirfd, old_path, new_dirfd, new_path, flags);
}

}  // namespace norn
