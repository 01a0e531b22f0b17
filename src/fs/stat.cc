// stat(2), statx(2), access(2), readlink(2), statfs(2).
#include <algorithm>
#include <cstring>

#include "fs/inode.h"
#include "fs/namei.h"
#include "fs/syscalls.h"
#include "kernel/task.h"

namespace norn {

namespace {

constexpr int64_t ns_per_s = 1'000'000'000;

int64_t seconds(int64_t ns)
{
    return ns >= 0 ? ns / ns_per_s : -((-ns + ns_per_s - 1) / ns_per_s);
}

int64_t rest_ns(int64_t ns)
{
    return ns - seconds(ns) * ns_per_s;
}

Stat stat_of(const Machine& m, InodeId id)
{
    const Inode& inode = m[id];
    Stat stat;
    stat.dev = inode.dev;
    stat.ino = inode.ino;
    stat.nlink = inode.nlink;
    stat.mode = inode.mode;
    stat.uid = inode.uid;
    stat.gid = inode.gid;
    stat.rdev = inode.rdev;
    stat.size = static_cast<int64_t>(inode.size);
    stat.blksize = inode.fs == FsKind::proc ? 1024 : 4096;
    stat.blocks = static_cast<int64_t>(inode.blocks);
    stat.atime_sec = seconds(inode.atime_ns);
    stat.atime_nsec = rest_ns(inode.atime_ns);
    stat.mtime_sec = seconds(inode.mtime_ns);
    stat.mtime_nsec = rest_ns(inode.mtime_ns);
    stat.ctime_sec = seconds(inode.ctime_ns);
    stat.ctime_nsec = rest_ns(inode.ctime_ns);
    return stat;
}

struct StatxTime {
    int64_t sec = 0;
    uint32_t nsec = 0, reserved = 0;
};

/// struct statx (statx(2)).
struct Statx {
    uint32_t mask = 0, blksize = 0;
    uint64_t attributes = 0;
    uint32_t nlink = 0, uid = 0, gid = 0;
    uint16_t mode = 0, pad = 0;
    uint64_t ino = 0, size = 0, blocks = 0, attributes_mask = 0;
    StatxTime atime, btime, ctime, mtime;
    uint32_t rdev_major = 0, rdev_minor = 0, dev_major = 0, dev_minor = 0;
    uint64_t mnt_id = 0;
    uint32_t dio_mem_align = 0, dio_offset_align = 0;
    std::array<uint64_t, 12> spare{};
};
static_assert(sizeof(Statx) == 256);

StatxTime statx_time(int64_t ns)
{
    return {seconds(ns), static_cast<uint32_t>(rest_ns(ns)), 0};
}

Statx statx_of(const Machine& m, Path place)
{
    constexpr uint32_t basic_stats = 0x7ff;
    constexpr uint32_t has_btime = 0x800;
    constexpr uint32_t has_mnt_id = 0x1000;
    constexpr uint64_t attr_mount_root = 0x2000;
    const Inode& inode = m[m[place.dentry].inode];
    const Stat stat = stat_of(m, m[place.dentry].inode);
    Statx x;
    x.mask = basic_stats | has_mnt_id | (inode.btime_ns ? has_btime : 0);
    x.blksize = static_cast<uint32_t>(stat.blksize);
    x.attributes_mask = attr_mount_root;
    if (place.mount && place.dentry == m[place.mount].root) x.attributes = attr_mount_root;
    x.nlink = inode.nlink;
    x.uid = inode.uid;
    x.gid = inode.gid;
    x.mode = static_cast<uint16_t>(inode.mode);
    x.ino = inode.ino;
    x.size = inode.size;
    x.blocks = inode.blocks;
    x.atime = statx_time(inode.atime_ns);
    if (inode.btime_ns) x.btime = statx_time(inode.btime_ns);
    x.ctime = statx_time(inode.ctime_ns);
    x.mtime = statx_time(inode.mtime_ns);
    x.rdev_major = dev_major(inode.rdev);
    x.rdev_minor = dev_minor(inode.rdev);
    x.dev_major = dev_major(inode.dev);
    x.dev_minor = dev_minor(inode.dev);
    x.mnt_id = place.mount ? m[place.mount].number : 0;
    return x;
}

// "" with AT_EMPTY_PATH is the open file itself, which need not be on a tree.
Result<HeldPath> stat_place(Machine& m, TaskId self, int dirfd, UserStr path, uint32_t flags)
{
    WalkOptions options;
    options.follow = !(flags & at_symlink_nofollow);
    options.empty_path = flags & at_empty_path;
    if (!path && options.empty_path) return path_at(m, self, dirfd, "", options);
    return user_path_at(m, self, dirfd, path, options);
}

Result<> stat_path(Machine& m, TaskId self, int dirfd, UserStr path, UserPtr<Stat> to, uint32_t flags)
{
    const HeldPath place = TRY(stat_place(m, self, dirfd, path, flags));
    return put_user(m, self, to, stat_of(m, place.inode()));
}

// access(2) asks with the real ids, and with the capabilities that go with them.
Cred real_cred(const Cred& cred)
{
    Cred real = cred;
    real.fsuid = real.uid;
    real.fsgid = real.gid;
    real.cap_effective = real.uid == 0 ? real.cap_permitted : 0;
    return real;
}

Result<> access_at(Machine& m, TaskId self, int dirfd, UserStr path, int mode, uint32_t flags)
{
    if (mode & ~7) return EINVAL;
    if (flags & ~(at_eaccess | at_symlink_nofollow | at_empty_path)) return EINVAL;
    const Cred& own = m[m[self].cred];
    const Cred cred = flags & at_eaccess ? own : real_cred(own);
    WalkOptions options;
    options.follow = !(flags & at_symlink_nofollow);
    options.empty_path = flags & at_empty_path;
    options.as = &cred;
    const HeldPath place = TRY(user_path_at(m, self, dirfd, path, options));
    return inode_permission(m, self, cred, place.inode(), static_cast<uint32_t>(mode));
}

/// struct statfs (statfs(2)).
struct Statfs {
    int64_t type = 0, bsize = 4096;
    uint64_t blocks = 0, bfree = 0, bavail = 0, files = 0, ffree = 0, fsid = 0;
    int64_t namelen = name_max, frsize = 4096, flags = 0;
    std::array<int64_t, 4> spare{};
};
static_assert(sizeof(Statfs) == 120);

int64_t magic_of(FsKind fs)
{
    switch (fs) {
        case FsKind::overlay:
            return 0x794c7630;
        case FsKind::tmpfs:
        case FsKind::devtmpfs:
            return 0x01021994;
        case FsKind::proc:
            return 0x9fa0;
        case FsKind::sysfs:
            return 0x62656572;
        case FsKind::devpts:
            return 0x1cd1;
        case FsKind::pipefs:
            return 0x50495045;
        case FsKind::sockfs:
            return 0x534f434b;
        case FsKind::anon:
            break;
    }
    return 0x09041934;
}

// The overlay has the machine's memory to write in.
Statfs statfs_of(const Machine& m, InodeId inode)
{
    const FsKind fs = m[inode].fs;
    Statfs s;
    s.type = magic_of(fs);
    if (fs != FsKind::overlay && fs != FsKind::tmpfs && fs != FsKind::devtmpfs) return s;
    constexpr uint64_t st_valid = 0x20;
    constexpr uint64_t st_relatime = 0x1000;
    s.blocks = m.state.limits.memory_pages;
    s.bfree = s.bavail = s.blocks - std::min(s.blocks, m.state.used_pages);
    s.files = s.ffree = 1u << 20;
    s.flags = st_valid | st_relatime;
    return s;
}

Result<uint64_t> put_link(Machine& m, TaskId self, InodeId inode, UserPtr<> buffer, int size)
{
    if (size <= 0) return EINVAL;
    const std::string target = TRY(read_link_of(m, self, inode));
    const std::size_t count = std::min(target.size(), static_cast<std::size_t>(size));
    const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(target.data()), count);
    if (write_user(m, m[self].mm, buffer.address, bytes) != count) return EFAULT;
    return static_cast<uint64_t>(count);
}

}  // namespace

Result<> sys_stat(Machine& m, TaskId self, UserStr path, UserPtr<Stat> to)
{
    return stat_path(m, self, at_fdcwd, path, to, 0);
}

Result<> sys_lstat(Machine& m, TaskId self, UserStr path, UserPtr<Stat> to)
{
    return stat_path(m, self, at_fdcwd, path, to, at_symlink_nofollow);
}

Result<> sys_fstat(Machine& m, TaskId self, int fd, UserPtr<Stat> to)
{
    const FileId file = TRY(fget(m, self, fd, true));
    return put_user(m, self, to, stat_of(m, m[file].inode));
}

Result<> sys_newfstatat(Machine& m, TaskId self, int dirfd, UserStr path, UserPtr<Stat> to, int flags)
{
    constexpr uint32_t known = at_symlink_nofollow | at_no_automount | at_empty_path;
    const auto bits = static_cast<uint32_t>(flags);
    if (bits & ~known) return EINVAL;
    return stat_path(m, self, dirfd, path, to, bits);
}

Result<> sys_statx(Machine& m, TaskId self, int dirfd, UserStr path, uint32_t flags, uint32_t mask,
                   UserPtr<> to)
{
    constexpr uint32_t reserved_mask = 0x80000000;
    constexpr uint32_t known = at_symlink_nofollow | at_no_automount | at_empty_path | at_statx_sync_type;
    if (mask & reserved_mask) return EINVAL;
    if ((flags & at_statx_sync_type) == at_statx_sync_type) return EINVAL;
    if (flags & ~known) return EINVAL;
    const HeldPath place = TRY(stat_place(m, self, dirfd, path, flags));
    return put_user(m, self, to.as<Statx>(), statx_of(m, place.path()));
}

Result<> sys_access(Machine& m, TaskId self, UserStr path, int mode)
{
    return access_at(m, self, at_fdcwd, path, mode, 0);
}

Result<> sys_faccessat(Machine& m, TaskId self, int dirfd, UserStr path, int mode)
{
    return access_at(m, self, dirfd, path, mode, 0);
}

Result<> sys_faccessat2(Machine& m, TaskId self, int dirfd, UserStr path, int mode, int flags)
{
    return access_at(m, self, dirfd, path, mode, static_cast<uint32_t>(flags));
}

Result<uint64_t> sys_readlinkat(Machine& m, TaskId self, int dirfd, UserStr path, UserPtr<> buffer, int size)
{
    if (size <= 0) return EINVAL;
    WalkOptions options;
    options.follow = false;
    options.empty_path = true;
    const std::string name = TRY(get_path(m, self, path));
    const HeldPath place = TRY(path_at(m, self, dirfd, name, options));
    const bool link = type_of(m[place.inode()].mode) == s_iflnk;
    if (!link) return name.empty() ? ENOENT : EINVAL;
    return put_link(m, self, place.inode(), buffer, size);
}

Result<uint64_t> sys_readlink(Machine& m, TaskId self, UserStr path, UserPtr<> buffer, int size)
{
    return sys_readlinkat(m, self, at_fdcwd, path, buffer, size);
}

Result<> sys_statfs(Machine& m, TaskId self, UserStr path, UserPtr<> to)
{
    const HeldPath place = TRY(user_path_at(m, self, at_fdcwd, path));
    return put_user(m, self, to.as<Statfs>(), statfs_of(m, place.inode()));
}

Result<> sys_fstatfs(Machine& m, TaskId self, int fd, UserPtr<> to)
{
    const FileId file = TRY(fget(m, self, fd, true));
    return put_user(m, self, to.as<Statfs>(), statfs_of(m, m[file].inode));
}

}  // namespace norn
