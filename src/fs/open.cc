// open(2) and its kin, close(2).
#include "fs/open.h"

#include <algorithm>

#include "fs/dentry.h"
#include "fs/inode.h"
#include "fs/pipe.h"
#include "fs/syscalls.h"
#include "kernel/fork.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "kernel/wait_queue.h"

namespace norn {

namespace {

constexpr uint32_t known_open_flags = o_accmode | o_creat | o_excl | o_noctty | o_trunc | o_append |
                                      o_nonblock | o_sync | o_async | o_direct | o_largefile | o_directory |
                                      o_nofollow | o_noatime | o_cloexec | o_path | o_tmpfile;
/// What F_GETFL does not show; O_ASYNC is for F_SETFL alone.
constexpr uint32_t creation_flags = o_creat | o_excl | o_noctty | o_trunc | o_cloexec | o_async;
constexpr uint32_t o_tmpfile_bit = 020000000;

uint32_t wanted_access(uint32_t flags)
{
    constexpr std::array<uint32_t, 4> masks = {may_read, may_write, may_read | may_write,
                                               may_read | may_write};
    uint32_t mask = masks[flags & o_accmode];
    if (flags & o_trunc) mask |= may_write;
    return mask;
}

FileKind kind_of_inode(const Machine& m, InodeId inode)
{
    if (is_directory(m, inode)) return FileKind::directory;
    switch (m[inode].kind) {
        case InodeKind::fifo:
            return FileKind::pipe;
        case InodeKind::device:
            return FileKind::device;
        case InodeKind::proc:
            return FileKind::proc;
        case InodeKind::sys:
            return FileKind::sys;
        case InodeKind::outside:
            return FileKind::outside;
        case InodeKind::memory:
        case InodeKind::anon:
        case InodeKind::socket:
            break;
    }
    return FileKind::regular;
}

// Refusals by what the inode is (may_open, do_dentry_open).
Result<> may_open(Machine& m, TaskId self, InodeId inode, const OpenHow& how)
{
    const uint32_t mode = m[inode].mode;
    const uint32_t mask = wanted_access(how.open_flags());
    switch (type_of(mode)) {
        case s_iflnk:
            return ELOOP;
        case s_ifdir:
            if (mask & may_write) return EISDIR;
            break;
        default:
            break;
    }
    TRY(may(m, self, inode, mask));
    if ((how.flags & o_noatime) && !owner_or_capable(m, self, inode)) return EPERM;
    if (type_of(mode) == s_ifsock) return ENXIO;
    if (type_of(mode) == s_ifreg && (mask & may_write) && m[inode].writers < 0) return ETXTBSY;
    return {};
}

// A file of the host that may be opened by its mode, but that the host does not let us read.
Result<> host_lets_read(Machine& m, InodeId inode)
{
    if (m[inode].kind != InodeKind::memory || type_of(m[inode].mode) != s_ifreg) return {};
    if (m[inode].host_size == 0) return {};
    std::array<uint8_t, 1> byte;
    TRY(read_inode(m, inode, 0, byte));
    return {};
}

FileId open_path_only(Machine& m, HeldPath&& place, uint32_t flags)
{
    const InodeId inode = place.inode();
    hold_inode(m, inode);
    constexpr uint32_t shown = o_path | o_directory | o_nofollow;
    return new_file(m, FileKind::path, inode, place.release(), flags & shown);
}

// An open description of an inode that may be opened; FIFOs may still have to wait.
Result<FileId> open_inode(Machine& m, TaskId self, HeldPath&& place, uint32_t flags)
{
    const InodeId inode = place.inode();
    const FileKind kind = kind_of_inode(m, inode);
    if (m[inode].kind == InodeKind::anon || m[inode].kind == InodeKind::socket) return ENXIO;
    if ((flags & o_accmode) != o_wronly) TRY(host_lets_read(m, inode));
    if ((flags & o_direct) && m[inode].fs == FsKind::tmpfs) return EINVAL;
    hold_inode(m, inode);
    const FileId file = new_file(m, kind, inode, place.release(), (flags & ~creation_flags) | o_largefile);
    if (kind == FileKind::regular && (flags & o_accmode) != o_rdonly) m.edit(inode).writers++;
    Result<> opened;
    if (kind == FileKind::proc || m[inode].kind == InodeKind::proc)
        opened = proc_open(m, self, file);
    else if (kind == FileKind::sys || m[inode].kind == InodeKind::sys)
        opened = sys_open(m, self, file);
    else if (kind == FileKind::device || kind == FileKind::outside)
        opened = device_open(m, self, file, flags);
    if (!opened.ok()) {
        put_file(m, file);
        return opened.error();
    }
    return file;
}

// The new file inherits the group, and a directory the bit, of a setgid directory (inode_init_owner).
Result<InodeId> create_inode(Machine& m, TaskId self, InodeId directory, uint32_t mode)
{
    if (m[directory].kind == InodeKind::proc) return ENOENT;
    TRY(may(m, self, directory, may_write | may_exec));
    if (m[directory].kind != InodeKind::memory) return EACCES;
    if (m[directory].nlink == 0) return ENOENT;
    return init_owner(
        m, self, directory,
        new_inode(m, m[directory].fs, kind_of_mode(mode), mode & ~m[m[self].fs].umask, m[directory].dev));
}

Result<HeldPath> create_file(Machine& m, TaskId self, const LastComponent& last, uint32_t mode)
{
    const DentryId directory = last.directory.dentry();
    const InodeId inode = TRY(create_inode(m, self, m[directory].inode, s_ifreg | (mode & 07777)));
    const DentryId dentry = add_name(m, directory, last.name, inode);
    touch(m, m[directory].inode, touch_mtime | touch_ctime);
    hold_dentry(m, dentry);
    return HeldPath(m, {last.directory.path().mount, dentry});
}

Result<FileId> open_tmpfile(Machine& m, TaskId self, HeldPath&& directory, const OpenHow& how)
{
    if ((how.flags & o_accmode) == o_rdonly) return EINVAL;
    if (!is_directory(m, directory.inode())) return ENOTDIR;
    if (m[directory.inode()].kind != InodeKind::memory) return EOPNOTSUPP;
    const InodeId inode =
        TRY(create_inode(m, self, directory.inode(), s_ifreg | static_cast<uint32_t>(how.mode & 07777)));
    m.edit(inode).nlink = 0;
    const std::string name = "#" + std::to_string(m[inode].ino);
    const DentryId dentry = new_dentry(m, directory.dentry(), name, inode);
    m.edit(dentry).flags |= dentry_removed;
    const bool linkable = !(how.flags & o_excl);
    m.edit(inode).special = linkable;
    return open_inode(m, self, HeldPath(m, {directory.path().mount, dentry}), how.open_flags());
}

Result<FileId> open_found(Machine& m, TaskId self, HeldPath&& found, const OpenHow& how, bool created)
{
    const InodeId inode = found.inode();
    if ((how.flags & o_directory) && !is_directory(m, inode)) return ENOTDIR;
    if (how.flags & o_path) return open_path_only(m, std::move(found), how.open_flags());
    if ((how.flags & o_creat) && is_directory(m, inode)) return EISDIR;
    if (!created) TRY(may_open(m, self, inode, how));
    const FileId file = TRY(open_inode(m, self, std::move(found), how.open_flags()));
    if ((how.flags & o_trunc) && !created && m[file].kind == FileKind::regular) {
        const auto cut = truncate_inode(m, inode, 0);
        if (!cut.ok()) {
            put_file(m, file);
            return cut.error();
        }
    }
    return file;
}

// The last component: follows links, makes the file if asked to (open_last_lookups).
Result<FileId> open_last(Machine& m, TaskId self, Walker& walker, const OpenHow& how)
{
    const bool exclusive = (how.flags & (o_creat | o_excl)) == (o_creat | o_excl);
    while (true) {
        LastComponent last = TRY(walker.to_last());
        if (last.names_entry() && (how.flags & o_creat) && last.trailing_slash) return EISDIR;
        auto found = walker.step(last);
        if (!found.ok()) {
            if (found.error() != ENOENT || !(how.flags & o_creat) || !last.names_entry())
                return found.error();
            return open_found(m, self, TRY(create_file(m, self, last, static_cast<uint32_t>(how.mode))), how,
                              true);
        }
        if (exclusive) return EEXIST;
        if (walker.is_link(*found) && (!(how.flags & o_nofollow) || last.trailing_slash)) {
            TRY(walker.follow(std::move(last), std::move(*found)));
            continue;
        }
        if (last.trailing_slash && !is_directory(m, found->inode())) return ENOTDIR;
        return open_found(m, self, std::move(*found), how, false);
    }
}

// Opens of the other end that end the wait of a FIFO's open (fifo(7)).
bool fifo_waits(const Machine& m, FileId file)
{
    const File& opened = m[file];
    const Pipe& pipe = m[opened.pipe];
    switch (opened.flags & o_accmode) {
        case o_rdonly:
            return !(opened.flags & o_nonblock) && pipe.writers == 0;
        case o_wronly:
            return pipe.readers == 0;
        default:
            return false;
    }
}

uint32_t other_end_opens(const Machine& m, FileId file)
{
    const Pipe& pipe = m[m[file].pipe];
    return (m[file].flags & o_accmode) == o_rdonly ? pipe.w_counter : pipe.r_counter;
}

Outcome<int> install_opened(Machine& m, TaskId self, FileId file, uint32_t flags)
{
    const auto fd = install_fd(m, self, file, 0, flags & o_cloexec);
    if (!fd.ok()) put_file(m, file);
    return fd;
}

Outcome<int> go_on_with_fifo(Machine& m, TaskId self, const FifoWait& wait, uint32_t flags)
{
    if (other_end_opens(m, wait.file) != wait.counter || !fifo_waits(m, wait.file))
        return install_opened(m, self, wait.file, flags);
    if (signal_pending(m, self)) {
        put_file(m, wait.file);
        return ERESTARTSYS;
    }
    return Sleep{queue_of(QueueKind::pipe_open, m[wait.file].pipe.raw)}.keep(wait);
}

Outcome<int> open_fifo(Machine& m, TaskId self, FileId file, uint32_t flags)
{
    if (!m[m[file].inode].pipe) {
        const PipeId pipe = new_pipe(m);
        m.edit(m[file].inode).pipe = pipe;
    }
    m.edit(file).pipe = m[m[file].inode].pipe;
    const bool refused =
        (flags & o_accmode) == o_wronly && (flags & o_nonblock) && m[m[file].pipe].readers == 0;
    pipe_open_end(m, file);
    if (refused) {
        put_file(m, file);
        return ENXIO;
    }
    if (!fifo_waits(m, file)) return install_opened(m, self, file, flags);
    return go_on_with_fifo(m, self, {file, other_end_opens(m, file)}, flags);
}

// Flags and mode as open and openat take them; what they do not know they ignore.
OpenHow how_of(uint32_t flags, uint32_t mode)
{
    OpenHow how;
    how.flags = flags & known_open_flags;
    if (how.flags & o_path) how.flags &= o_path | o_directory | o_nofollow | o_cloexec;
    const bool makes = (how.flags & o_creat) || (how.flags & o_tmpfile_bit);
    how.mode = makes ? mode & 07777 : 0;
    return how;
}

Result<> check_how(const OpenHow& how)
{
    if (how.flags & o_tmpfile_bit) {
        if ((how.flags & o_tmpfile) != o_tmpfile || (how.flags & o_creat)) return EINVAL;
    }
    if ((how.flags & (o_creat | o_directory)) == (o_creat | o_directory)) return EINVAL;
    return {};
}

}  // namespace

InodeId init_owner(Machine& m, TaskId self, InodeId directory, InodeId made)
{
    const uint32_t directory_mode = m[directory].mode;
    const uint32_t directory_gid = m[directory].gid;
    const uint32_t fsuid = m[m[self].cred].fsuid;
    const uint32_t fsgid = m[m[self].cred].fsgid;
    Inode& inode = m.edit(made);
    inode.uid = fsuid;
    inode.gid = directory_mode & s_isgid ? directory_gid : fsgid;
    if ((directory_mode & s_isgid) && type_of(inode.mode) == s_ifdir) inode.mode |= s_isgid;
    return made;
}

Result<FileId> open_file(Machine& m, TaskId self, int dirfd, std::string_view path, const OpenHow& how)
{
    WalkOptions options;
    options.resolve = how.resolve;
    options.follow = !(how.flags & o_nofollow);
    Walker walker(m, self, options);
    TRY(walker.start(dirfd, path));
    if ((how.flags & o_tmpfile) == o_tmpfile) return open_tmpfile(m, self, TRY(walker.to_end()), how);
    return open_last(m, self, walker, how);
}

Outcome<int> open_at(Machine& m, TaskId self, int dirfd, UserStr path, const OpenHow& how)
{
    if (resuming(m, self)) return go_on_with_fifo(m, self, kept<FifoWait>(m, self), how.open_flags());
    TRY(check_how(how));
    const std::string name = TRY(get_path(m, self, path));
    if (name.empty()) return ENOENT;
    TRY(free_fd(m, self, 0));  // before anything is made or cut short
    const FileId file = TRY(open_file(m, self, dirfd, name, how));
    if (m[file].kind == FileKind::pipe && m[m[file].inode].fs != FsKind::pipefs)
        return open_fifo(m, self, file, how.open_flags());
    if (m[file].kind == FileKind::pipe) {
        m.edit(file).pipe = m[m[file].inode].pipe;
        pipe_open_end(m, file);
    }
    return install_opened(m, self, file, how.open_flags());
}

Outcome<int> sys_open(Machine& m, TaskId self, UserStr path, int flags, uint32_t mode)
{
    return open_at(m, self, at_fdcwd, path, how_of(static_cast<uint32_t>(flags), mode));
}

Outcome<int> sys_openat(Machine& m, TaskId self, int dirfd, UserStr path, int flags, uint32_t mode)
{
    return open_at(m, self, dirfd, path, how_of(static_cast<uint32_t>(flags), mode));
}

Outcome<int> sys_creat(Machine& m, TaskId self, UserStr path, uint32_t mode)
{
    return open_at(m, self, at_fdcwd, path, how_of(o_creat | o_wronly | o_trunc, mode));
}

Outcome<int> sys_openat2(Machine& m, TaskId self, int dirfd, UserStr path, UserPtr<> how_at, uint64_t size)
{
    constexpr uint64_t how_size = sizeof(OpenHow);
    constexpr uint64_t known_resolve = resolve_no_xdev | resolve_no_magiclinks | resolve_no_symlinks |
                                       resolve_beneath | resolve_in_root | resolve_cached;
    if (size < how_size) return EINVAL;
    if (size > page_size) return E2BIG;
    std::array<uint8_t, page_size> tail{};
    const std::size_t tail_size = size - how_size;
    const OpenHow how = TRY(get_user(m, self, how_at.as<OpenHow>()));
    if (read_user(m, m[self].mm, how_at.address + how_size, {tail.data(), tail_size}) != tail_size)
        return EFAULT;
    if (std::any_of(tail.begin(), tail.begin() + static_cast<std::ptrdiff_t>(tail_size),
                    [](uint8_t byte) { return byte != 0; }))
        return E2BIG;
    if ((how.flags & ~static_cast<uint64_t>(known_open_flags)) || (how.resolve & ~known_resolve))
        return EINVAL;
    const bool makes = how.flags & (o_creat | o_tmpfile_bit);
    if (how.mode & ~07777ull || (how.mode && !makes)) return EINVAL;
    constexpr uint64_t with_path = o_path | o_directory | o_nofollow | o_cloexec;
    if ((how.flags & o_path) && (how.flags & ~with_path)) return EINVAL;
    if ((how.resolve & resolve_beneath) && (how.resolve & resolve_in_root)) return EINVAL;
    return open_at(m, self, dirfd, path, how);
}

Result<FileId> open_exec(Machine& m, TaskId self, int dirfd, const std::string& path, int flags)
{
    WalkOptions options;
    options.follow = !(static_cast<uint32_t>(flags) & at_symlink_nofollow);
    options.empty_path = static_cast<uint32_t>(flags) & at_empty_path;
    HeldPath place = TRY(path_at(m, self, dirfd, path, options));
    const InodeId inode = place.inode();
    if (type_of(m[inode].mode) == s_iflnk) return ELOOP;
    if (type_of(m[inode].mode) != s_ifreg) return EACCES;
    TRY(may(m, self, inode, may_exec));
    if (m[inode].writers > 0) return ETXTBSY;
    TRY(host_lets_read(m, inode));
    hold_inode(m, inode);
    m.edit(inode).writers--;
    const FileId file = new_file(m, FileKind::regular, inode, place.release(), o_rdonly | o_largefile);
    m.edit(file).denies_write = 1;
    return file;
}

Result<> sys_close(Machine& m, TaskId self, int fd)
{
    return close_fd(m, self, fd);
}

Result<> sys_close_range(Machine& m, TaskId self, uint32_t first, uint32_t last, uint32_t flags)
{
    constexpr uint32_t close_range_unshare = 2;
    constexpr uint32_t close_range_cloexec = 4;
    if (flags & ~(close_range_unshare | close_range_cloexec)) return EINVAL;
    if (first > last) return EINVAL;
    if (flags & close_range_unshare) unshare_files(m, self);
    close_fds(m, m[self].files, first, last, flags & close_range_cloexec);
    return {};
}

}  // namespace norn
