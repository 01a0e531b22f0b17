// Changing attributes: chmod(2), chown(2), utimensat(2), truncate(2), fallocate(2).
#include <algorithm>
#include <limits>

#include "fs/inode.h"
#include "fs/namei.h"
#include "fs/syscalls.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "kernel/timer.h"

namespace norn {

namespace {

constexpr int64_t ns_per_s = 1'000'000'000;
constexpr int64_t utime_now = 0x3fffffff;
constexpr int64_t utime_omit = 0x3ffffffe;

bool generated(const Machine& m, InodeId inode)
{
    return m[inode].kind == InodeKind::proc || m[inode].kind == InodeKind::sys;
}

Result<> change_mode(Machine& m, TaskId self, InodeId inode, uint32_t mode)
{
    if (type_of(m[inode].mode) == s_iflnk) return EOPNOTSUPP;
    if (!owner_or_capable(m, self, inode) || generated(m, inode)) return EPERM;
    uint32_t bits = mode & 07777;
    const bool foreign_group = !in_group(m[m[self].cred], m[inode].gid) && !capable(m, self, cap_fsetid);
    if (type_of(m[inode].mode) != s_ifdir && foreign_group) bits &= ~static_cast<uint32_t>(s_isgid);
    m.edit(inode).mode = type_of(m[inode].mode) | bits;
    touch(m, inode, touch_ctime);
    mark_changed(m, inode);
    return {};
}

// An owner may give a file to a group of his; all else takes CAP_CHOWN.
Result<> may_chown(const Machine& m, TaskId self, InodeId inode, uint32_t uid, uint32_t gid)
{
    if (generated(m, inode)) return EPERM;
    if (capable(m, self, cap_chown)) return {};
    constexpr uint32_t keep = ~0u;
    const Cred& cred = m[m[self].cred];
    const bool owner = cred.fsuid == m[inode].uid;
    if (uid != keep && !(owner && uid == m[inode].uid)) return EPERM;
    if (gid != keep && !(owner && (in_group(cred, gid) || gid == m[inode].gid))) return EPERM;
    return {};
}

Result<> change_owner(Machine& m, TaskId self, InodeId inode, uint32_t uid, uint32_t gid)
{
    constexpr uint32_t keep = ~0u;
    TRY(may_chown(m, self, inode, uid, gid));
    Inode& owned = m.edit(inode);
    if (uid != keep) owned.uid = uid;
    if (gid != keep) owned.gid = gid;
    if (type_of(owned.mode) != s_ifdir && (uid != keep || gid != keep)) {
        owned.mode &= ~static_cast<uint32_t>(s_isuid);
        if (owned.mode & 010) owned.mode &= ~static_cast<uint32_t>(s_isgid);
    }
    touch(m, inode, touch_ctime);
    mark_changed(m, inode);
    return {};
}

Result<> chmod_at(Machine& m, TaskId self, int dirfd, UserStr path, uint32_t mode, uint32_t flags)
{
    if (flags & ~(at_symlink_nofollow | at_empty_path)) return EINVAL;
    WalkOptions options;
    options.follow = !(flags & at_symlink_nofollow);
    options.empty_path = flags & at_empty_path;
    const HeldPath place = TRY(user_path_at(m, self, dirfd, path, options));
    return change_mode(m, self, place.inode(), mode);
}

Result<> chown_at(Machine& m, TaskId self, int dirfd, UserStr path, uint32_t uid, uint32_t gid,
                  uint32_t flags)
{
    if (flags & ~(at_symlink_nofollow | at_empty_path)) return EINVAL;
    WalkOptions options;
    options.follow = !(flags & at_symlink_nofollow);
    options.empty_path = flags & at_empty_path;
    const HeldPath place = TRY(user_path_at(m, self, dirfd, path, options));
    return change_owner(m, self, place.inode(), uid, gid);
}

// ---- Times -----------------------------------------------------------------------------------------

Result<> set_times(Machine& m, TaskId self, InodeId inode, Timespec atime, Timespec mtime)
{
    if (atime.nsec == utime_omit && mtime.nsec == utime_omit) return {};
    const bool both_now = atime.nsec == utime_now && mtime.nsec == utime_now;
    if (both_now) {
        const bool owner = owner_or_capable(m, self, inode);
        if (!owner) TRY(may(m, self, inode, may_write));
    } else if (!owner_or_capable(m, self, inode)) {
        return EPERM;
    }
    const int64_t now = realtime_ns(m);
    Inode& timed = m.edit(inode);
    if (atime.nsec != utime_omit)
        timed.atime_ns = atime.nsec == utime_now ? now : atime.sec * ns_per_s + atime.nsec;
    if (mtime.nsec != utime_omit)
        timed.mtime_ns = mtime.nsec == utime_now ? now : mtime.sec * ns_per_s + mtime.nsec;
    timed.ctime_ns = now;
    mark_changed(m, inode);
    return {};
}

bool valid_time(const Timespec& time)
{
    if (time.nsec == utime_now || time.nsec == utime_omit) return true;
    return time.nsec >= 0 && time.nsec < ns_per_s;
}

// Times outside of what an inode can hold are brought to its limits, as file systems do.
Timespec clamp_time(Timespec time)
{
    constexpr int64_t most = std::numeric_limits<int64_t>::max() / ns_per_s - 1;
    time.sec = std::clamp(time.sec, -most, most);
    return time;
}

Result<> utimes_at(Machine& m, TaskId self, int dirfd, UserStr path, const std::array<Timespec, 2>& times,
                   uint32_t flags)
{
    if (flags & ~(at_symlink_nofollow | at_empty_path)) return EINVAL;
    if (!path && dirfd != at_fdcwd) {
        if (flags) return EINVAL;
        const FileId file = TRY(fget(m, self, dirfd));
        return set_times(m, self, m[file].inode, clamp_time(times[0]), clamp_time(times[1]));
    }
    WalkOptions options;
    options.follow = !(flags & at_symlink_nofollow);
    options.empty_path = flags & at_empty_path;
    const HeldPath place = TRY(user_path_at(m, self, dirfd, path, options));
    return set_times(m, self, place.inode(), clamp_time(times[0]), clamp_time(times[1]));
}

constexpr std::array<Timespec, 2> times_of_now = {Timespec{0, utime_now}, Timespec{0, utime_now}};

Result<std::array<Timespec, 2>> get_timevals(Machine& m, TaskId self, UserPtr<std::array<Timeval, 2>> from)
{
    if (!from) return times_of_now;
    const auto values = TRY(get_user(m, self, from));
    std::array<Timespec, 2> times;
    for (std::size_t i = 0; i < 2; ++i) {
        if (values[i].usec < 0 || values[i].usec >= 1'000'000) return EINVAL;
        times[i] = {values[i].sec, values[i].usec * 1000};
    }
    return times;
}

// ---- Sizes -----------------------------------------------------------------------------------------

Result<> change_size(Machine& m, TaskId self, InodeId inode, int64_t length)
{
    const auto size = static_cast<uint64_t>(length);
    const Inode& changed = m[inode];
    if ((changed.seals & seal_shrink) && size < changed.size) return EPERM;
    if ((changed.seals & seal_grow) && size > changed.size) return EPERM;
    if (size > max_file_size(m, inode)) return EFBIG;
    if (size > changed.size && size > rlimit(m, self, rlimit_fsize).soft) {
        signal_self(m, self, SIGXFSZ_);
        return EFBIG;
    }
    return truncate_inode(m, inode, size);
}

enum FallocateFlag : uint32_t {
    falloc_keep_size = 1,
    falloc_punch_hole = 2,
    falloc_collapse_range = 8,
    falloc_zero_range = 16,
    falloc_insert_range = 32,
};

/// EOPNOTSUPP: no such mode, or none that goes with keeping the size or changing it, or not in this file
/// system.
Result<> check_fallocate_mode(FsKind fs, uint32_t mode)
{
    const bool keep_size = mode & falloc_keep_size;
    switch (mode & ~falloc_keep_size) {
        case 0:
            return {};
        case falloc_punch_hole:
            return keep_size ? Errno::none : EOPNOTSUPP;
        case falloc_zero_range:
            return fs == FsKind::overlay ? Errno::none : EOPNOTSUPP;
        case falloc_collapse_range:
        case falloc_insert_range:
            return fs == FsKind::overlay && !keep_size ? Errno::none : EOPNOTSUPP;
        default:
            return EOPNOTSUPP;
    }
}

Result<> fallocate_inode(Machine& m, TaskId self, InodeId inode, uint32_t mode, uint64_t start, uint64_t end)
{
    const bool keep_size = mode & falloc_keep_size;
    const uint32_t seals = m[inode].seals;
    if (mode & falloc_collapse_range) return collapse_range(m, inode, start, end);
    if (mode & falloc_insert_range) return insert_range(m, inode, start, end);
    if (mode & falloc_punch_hole) {
        if (seals & (seal_write | seal_future_write)) return EPERM;
        return punch_hole(m, inode, start, end);
    }
    // Files in memory may not even reserve what they may not grow to.
    if ((!keep_size || m[inode].fs != FsKind::overlay) && end > m[inode].size) {
        if (end > rlimit(m, self, rlimit_fsize).soft) {
            signal_self(m, self, SIGXFSZ_);
            return EFBIG;
        }
        if (seals & seal_grow) return EPERM;
    }
    if (mode & falloc_zero_range) TRY(punch_hole(m, inode, start, end));
    const uint64_t size = m[inode].size;
    TRY(allocate_range(m, inode, start, end));
    if (!keep_size && end > size) m.edit(inode).size = end;
    touch(m, inode, touch_mtime | touch_ctime);
    return {};
}

}  // namespace

Result<> sys_chmod(Machine& m, TaskId self, UserStr path, uint32_t mode)
{
    return chmod_at(m, self, at_fdcwd, path, mode, 0);
}

Result<> sys_fchmodat(Machine& m, TaskId self, int dirfd, UserStr path, uint32_t mode)
{
    return chmod_at(m, self, dirfd, path, mode, 0);
}

Result<> sys_fchmodat2(Machine& m, TaskId self, int dirfd, UserStr path, uint32_t mode, uint32_t flags)
{
    return chmod_at(m, self, dirfd, path, mode, flags);
}

Result<> sys_fchmod(Machine& m, TaskId self, int fd, uint32_t mode)
{
    const FileId file = TRY(fget(m, self, fd));
    return change_mode(m, self, m[file].inode, mode);
}

Result<> sys_chown(Machine& m, TaskId self, UserStr path, uint32_t uid, uint32_t gid)
{
    return chown_at(m, self, at_fdcwd, path, uid, gid, 0);
}

Result<> sys_lchown(Machine& m, TaskId self, UserStr path, uint32_t uid, uint32_t gid)
{
    return chown_at(m, self, at_fdcwd, path, uid, gid, at_symlink_nofollow);
}

Result<> sys_fchownat(Machine& m, TaskId self, int dirfd, UserStr path, uint32_t uid, uint32_t gid, int flags)
{
    return chown_at(m, self, dirfd, path, uid, gid, static_cast<uint32_t>(flags));
}

Result<> sys_fchown(Machine& m, TaskId self, int fd, uint32_t uid, uint32_t gid)
{
    const FileId file = TRY(fget(m, self, fd));
    return change_owner(m, self, m[file].inode, uid, gid);
}

Result<> sys_utimensat(Machine& m, TaskId self, int dirfd, UserStr path,
                       UserPtr<std::array<Timespec, 2>> times, int flags)
{
    std::array<Timespec, 2> values = times_of_now;
    if (times) {
        values = TRY(get_user(m, self, times));
        if (values[0].nsec == utime_omit && values[1].nsec == utime_omit) return {};
        if (!valid_time(values[0]) || !valid_time(values[1])) return EINVAL;
    }
    return utimes_at(m, self, dirfd, path, values, static_cast<uint32_t>(flags));
}

Result<> sys_futimesat(Machine& m, TaskId self, int dirfd, UserStr path,
                       UserPtr<std::array<Timeval, 2>> times)
{
    return utimes_at(m, self, dirfd, path, TRY(get_timevals(m, self, times)), 0);
}

Result<> sys_utimes(Machine& m, TaskId self, UserStr path, UserPtr<std::array<Timeval, 2>> times)
{
    return utimes_at(m, self, at_fdcwd, path, TRY(get_timevals(m, self, times)), 0);
}

Result<> sys_utime(Machine& m, TaskId self, UserStr path, UserPtr<std::array<int64_t, 2>> times)
{
    std::array<Timespec, 2> values = times_of_now;
    if (times) {
        const auto seconds = TRY(get_user(m, self, times));
        values = {Timespec{seconds[0], 0}, Timespec{seconds[1], 0}};
    }
    return utimes_at(m, self, at_fdcwd, path, values, 0);
}

Result<> sys_truncate(Machine& m, TaskId self, UserStr path, int64_t length)
{
    if (length < 0) return EINVAL;
    const HeldPath place = TRY(user_path_at(m, self, at_fdcwd, path));
    const InodeId inode = place.inode();
    if (is_directory(m, inode)) return EISDIR;
    if (type_of(m[inode].mode) != s_ifreg) return EINVAL;
    TRY(may(m, self, inode, may_write));
    if (m[inode].writers < 0) return ETXTBSY;
    if (generated(m, inode)) return {};
    return change_size(m, self, inode, length);
}

Result<> sys_ftruncate(Machine& m, TaskId self, int fd, int64_t length)
{
    if (length < 0) return EINVAL;
    const FileId file = TRY(fget(m, self, fd));
    if (m[file].kind != FileKind::regular || (m[file].flags & o_accmode) == o_rdonly) return EINVAL;
    return change_size(m, self, m[file].inode, length);
}

Result<> sys_fallocate(Machine& m, TaskId self, int fd, int mode, int64_t offset, int64_t length)
{
    const auto bits = static_cast<uint32_t>(mode);
    const FileId file = TRY(fget(m, self, fd));
    if (offset < 0 || length <= 0) return EINVAL;
    TRY(check_fallocate_mode(FsKind::overlay, bits));
    if ((m[file].flags & o_accmode) == o_rdonly) return EBADF;
    if (m[file].kind == FileKind::pipe) return ESPIPE;
    if (m[file].kind == FileKind::directory) return EISDIR;
    if (m[file].kind != FileKind::regular) return ENODEV;
    int64_t end = 0;
    const InodeId inode = m[file].inode;
    if (__builtin_add_overflow(offset, length, &end)) return EFBIG;
    if (static_cast<uint64_t>(end) > max_file_size(m, inode)) return EFBIG;
    TRY(check_fallocate_mode(m[inode].fs, bits));
    return fallocate_inode(m, self, inode, bits, static_cast<uint64_t>(offset), static_cast<uint64_t>(end));
}

}  // namespace norn
