// Numbers of the x86-64 system call interface that concern files (open(2), stat(2), fcntl(2) …), named
// as Linux names them, in lower case so that no host header's macros get in the way.
#pragma once

#include <array>
#include <cstdint>

#include "kernel/time.h"

namespace norn {

enum ModeBit : uint32_t {
    s_ifmt = 0170000,
    s_ifsock = 0140000,
    s_iflnk = 0120000,
    s_ifreg = 0100000,
    s_ifblk = 0060000,
    s_ifdir = 0040000,
    s_ifchr = 0020000,
    s_ififo = 0010000,
    s_isuid = 04000,
    s_isgid = 02000,
    s_isvtx = 01000,
};
constexpr uint32_t type_of(uint32_t mode)
{
    return mode & s_ifmt;
}

enum OpenFlag : uint32_t {
    o_rdonly = 0,
    o_wronly = 1,
    o_rdwr = 2,
    o_accmode = 3,
    o_creat = 0100,
    o_excl = 0200,
    o_noctty = 0400,
    o_trunc = 01000,
    o_append = 02000,
    o_nonblock = 04000,
    o_dsync = 010000,
    o_async = 020000,
    o_direct = 040000,
    o_largefile = 0100000,
    o_directory = 0200000,
    o_nofollow = 0400000,
    o_noatime = 01000000,
    o_cloexec = 02000000,
    o_sync = 04010000,
    o_path = 010000000,
    o_tmpfile = 020200000,
};

inline constexpr int at_fdcwd = -100;
enum AtFlag : uint32_t {
    at_symlink_nofollow = 0x100,
    at_eaccess = 0x200,
    at_removedir = 0x200,
    at_symlink_follow = 0x400,
    at_no_automount = 0x800,
    at_empty_path = 0x1000,
    at_statx_sync_type = 0x6000,
};

enum ResolveFlag : uint64_t {
    resolve_no_xdev = 1,
    resolve_no_magiclinks = 2,
    resolve_no_symlinks = 4,
    resolve_beneath = 8,
    resolve_in_root = 16,
    resolve_cached = 32,
};

enum Seal : uint32_t {
    seal_seal = 1,
    seal_shrink = 2,
    seal_grow = 4,
    seal_write = 8,
    seal_future_write = 16,
    seal_exec = 32,
};

enum MayFlag : uint32_t { may_exec = 1, may_write = 2, may_read = 4 };

enum : int {  // capabilities(7)
    cap_chown = 0,
    cap_dac_override = 1,
    cap_dac_read_search = 2,
    cap_fowner = 3,
    cap_fsetid = 4,
    cap_linux_immutable = 9,
    cap_sys_rawio = 17,
    cap_sys_chroot = 18,
    cap_sys_admin = 21,
    cap_sys_resource = 24,
    cap_mknod = 27,
    cap_lease = 28,
};

enum : int { rlimit_fsize = 1, rlimit_nofile = 7 };

inline constexpr std::size_t name_max = 255;
inline constexpr std::size_t path_max = 4096;
inline constexpr uint64_t page_size = 4096;
/// The most that one read or write moves (MAX_RW_COUNT).
inline constexpr uint64_t max_rw_count = 0x7ffff000;

/// struct stat (stat(2)).
struct Stat {
    uint64_t dev = 0, ino = 0, nlink = 0;
    uint32_t mode = 0, uid = 0, gid = 0, pad = 0;
    uint64_t rdev = 0;
    int64_t size = 0, blksize = 0, blocks = 0;
    int64_t atime_sec = 0, atime_nsec = 0, mtime_sec = 0, mtime_nsec = 0, ctime_sec = 0, ctime_nsec = 0;
    std::array<int64_t, 3> unused{};
};
static_assert(sizeof(Stat) == 144);

/// major and minor of a device number as stat(2) shows it, and back (makedev(3)).
constexpr uint64_t make_dev(uint32_t major, uint32_t minor)
{
    return (static_cast<uint64_t>(major) & 0xfff) << 8 | (static_cast<uint64_t>(major) & ~0xfffull) << 32 |
           (minor & 0xffull) | (static_cast<uint64_t>(minor) & ~0xffull) << 12;
}
constexpr uint32_t dev_major(uint64_t dev)
{
    return static_cast<uint32_t>((dev >> 8 & 0xfff) | (dev >> 32 & ~0xfffull));
}
constexpr uint32_t dev_minor(uint64_t dev)
{
    return static_cast<uint32_t>((dev & 0xff) | (dev >> 12 & ~0xffull));
}

}  // namespace norn
