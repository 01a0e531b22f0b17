// dup(2), fcntl(2).
#include <algorithm>

#include "fs/abi.h"
#include "fs/eventpoll.h"
#include "fs/fasync.h"
#include "fs/locks.h"
#include "fs/memfd.h"
#include "fs/namei.h"
#include "fs/pipe.h"
#include "fs/socket.h"
#include "fs/syscalls.h"
#include "kernel/pid.h"
#include "kernel/task.h"
#include "kernel/wait_queue.h"
#include "mm/radix.h"

namespace norn {

namespace {

enum FcntlCommand : uint32_t {
    f_dupfd = 0,
    f_getfd = 1,
    f_setfd = 2,
    f_getfl = 3,
    f_setfl = 4,
    f_getlk = 5,
    f_setlk = 6,
    f_setlkw = 7,
    f_setown = 8,
    f_getown = 9,
    f_setsig = 10,
    f_getsig = 11,
    f_setown_ex = 15,
    f_getown_ex = 16,
    f_ofd_getlk = 36,
    f_ofd_setlk = 37,
    f_ofd_setlkw = 38,
    f_setlease = 1024,
    f_getlease = 1025,
    f_notify = 1026,
    f_dupfd_query = 1027,
    f_dupfd_cloexec = 1030,
    f_setpipe_sz = 1031,
    f_getpipe_sz = 1032,
    f_add_seals = 1033,
    f_get_seals = 1034,
};

constexpr uint64_t fd_cloexec = 1;
constexpr uint64_t lease_none = 2;
/// What F_SETFL can change.
constexpr uint32_t settable_flags = o_append | o_nonblock | o_direct | o_noatime;

Result<int> dup_fd(Machine& m, TaskId self, FileId file, uint32_t from, bool cloexec)
{
    hold_file(m, file);
    const auto fd = install_fd(m, self, file, from, cloexec);
    if (!fd.ok()) put_file(m, file);
    return fd;
}

Result<int> dup_from(Machine& m, TaskId self, FileId file, uint32_t from, bool cloexec)
{
    if (from >= std::min<uint64_t>(rlimit(m, self, rlimit_nofile).soft, 1u << 30)) return EINVAL;
    return dup_fd(m, self, file, from, cloexec);
}

Result<> set_flags(Machine& m, TaskId self, int fd, FileId file, uint32_t flags)
{
    const InodeId inode = m[file].inode;
    const uint32_t old = m[file].flags;
    if ((flags & o_noatime) && !(old & o_noatime) && !owner_or_capable(m, self, inode)) return EPERM;
    m.edit(file).flags = (old & ~settable_flags) | (flags & settable_flags);
    if (has_async(m, file)) set_async(m, file, flags & o_async, fd);
    return {};
}

// ---- Who gets signals of a descriptor (fs/fasync.h) ---------------------------------------------------

enum OwnerType : int { f_owner_tid = 0, f_owner_pid = 1, f_owner_pgrp = 2 };

struct OwnerEx {
    int type = 0;
    int pid = 0;
};

Result<> set_owner(Machine& m, TaskId self, FileId file, const OwnerEx& owner)
{
    PidId pid;
    if (owner.pid != 0) pid = find_pid(m, static_cast<uint32_t>(owner.pid));
    if (owner.pid != 0 && !pid) return ESRCH;
    if (pid) hold_pid(m, pid);
    const PidId old = m[file].owner;
    const uint32_t uid = m[m[self].cred].euid;
    File& edited = m.edit(file);
    edited.owner_uid = uid;
    edited.owner = pid;
    edited.owner_type = static_cast<uint8_t>(owner.type);
    if (old) put_pid(m, old);
    return {};
}

OwnerEx owner_of(const Machine& m, FileId file)
{
    const File& owned = m[file];
    if (!owned.owner) return {};
    return {owned.owner_type, static_cast<int>(m[owned.owner].number)};
}

Result<int> get_owner(const Machine& m, FileId file)
{
    const OwnerEx owner = owner_of(m, file);
    return owner.type == f_owner_pgrp ? -owner.pid : owner.pid;
}

Result<> set_owner_by_number(Machine& m, TaskId self, FileId file, uint64_t argument)
{
    const int number = static_cast<int>(argument);
    if (number == INT32_MIN) return EINVAL;
    const OwnerEx owner = number < 0 ? OwnerEx{f_owner_pgrp, -number} : OwnerEx{f_owner_pid, number};
    return set_owner(m, self, file, owner);
}

Result<> set_owner_ex(Machine& m, TaskId self, FileId file, uint64_t argument)
{
    const OwnerEx owner = TRY(get_user(m, self, UserPtr<OwnerEx>{argument}));
    if (owner.type < f_owner_tid || owner.type > f_owner_pgrp) return EINVAL;
    return set_owner(m, self, file, owner);
}

Result<> set_owner_signal(Machine& m, FileId file, uint64_t argument)
{
    constexpr uint64_t last_signal = 64;
    if (argument > last_signal) return EINVAL;
    m.edit(file).owner_signal = static_cast<int32_t>(argument);
    return {};
}

Outcome<> fcntl_path_too(Machine& m, TaskId self, int fd, FileId file, uint32_t command, uint64_t argument)
{
    switch (command) {
        case f_dupfd:
            return dup_from(m, self, file, static_cast<uint32_t>(argument), false);
        case f_dupfd_cloexec:
            return dup_from(m, self, file, static_cast<uint32_t>(argument), true);
        case f_getfd:
            return uint64_t{tree_mark(m, m[m[self].files].table, static_cast<uint64_t>(fd))};
        case f_setfd:
            set_cloexec(m, self, fd, argument & fd_cloexec);
            return uint64_t{0};
        case f_getfl:
            return uint64_t{m[file].flags};
        case f_dupfd_query: {
            const FileId other = TRY(fget(m, self, static_cast<int>(argument), true));
            return uint64_t{other == file};
        }
        default:
            return EBADF;
    }
}

bool works_on_path(uint32_t command)
{
    return command == f_dupfd || command == f_dupfd_cloexec || command == f_getfd || command == f_setfd ||
           command == f_getfl || command == f_dupfd_query;
}

Outcome<> fcntl_file(Machine& m, TaskId self, int fd, FileId file, uint32_t command, uint64_t argument)
{
    switch (command) {
        case f_setfl:
            return set_flags(m, self, fd, file, static_cast<uint32_t>(argument));
        case f_getlk:
            return get_record_lock(m, self, file, UserPtr<Flock>{argument}, false);
        case f_ofd_getlk:
            return get_record_lock(m, self, file, UserPtr<Flock>{argument}, true);
        case f_setlk:
            return set_record_lock(m, self, file, UserPtr<Flock>{argument}, false, false);
        case f_setlkw:
            return set_record_lock(m, self, file, UserPtr<Flock>{argument}, false, true);
        case f_ofd_setlk:
            return set_record_lock(m, self, file, UserPtr<Flock>{argument}, true, false);
        case f_ofd_setlkw:
            return set_record_lock(m, self, file, UserPtr<Flock>{argument}, true, true);
        case f_setown:
            return set_owner_by_number(m, self, file, argument);
        case f_getown:
            return get_owner(m, file);
        case f_setown_ex:
            return set_owner_ex(m, self, file, argument);
        case f_getown_ex:
            return put_user(m, self, UserPtr<OwnerEx>{argument}, owner_of(m, file));
        case f_setsig:
            return set_owner_signal(m, file, argument);
        case f_getsig:
            return static_cast<uint64_t>(m[file].owner_signal);
        case f_getlease:
            return lease_none;
        case f_getpipe_sz:
            if (m[file].kind != FileKind::pipe) return EBADF;
            return uint64_t{m[m[file].pipe].capacity} * page_size;
        case f_setpipe_sz:
            if (m[file].kind != FileKind::pipe) return EBADF;
            return set_pipe_size(m, self, m[file].pipe, static_cast<uint32_t>(argument));
        case f_get_seals:
            return get_seals(m, file);
        case f_add_seals:
            return add_seals(m, file, static_cast<uint32_t>(argument));
        default:
            return EINVAL;  // leases and directory notifications too
    }
}

}  // namespace

Result<int> sys_dup(Machine& m, TaskId self, int fd)
{
    const FileId file = TRY(fget(m, self, fd, true));
    return dup_fd(m, self, file, 0, false);
}

Result<int> sys_dup3(Machine& m, TaskId self, int fd, int to, int flags)
{
    if (static_cast<uint32_t>(flags) & ~static_cast<uint32_t>(o_cloexec)) return EINVAL;
    if (fd == to) return EINVAL;
    if (to < 0 || static_cast<uint64_t>(to) >= rlimit(m, self, rlimit_nofile).soft) return EBADF;
    const FileId file = TRY(fget(m, self, fd, true));
    hold_file(m, file);
    TRY(replace_fd(m, self, file, to, static_cast<uint32_t>(flags) & o_cloexec));
    return to;
}

Result<int> sys_dup2(Machine& m, TaskId self, int fd, int to)
{
    if (fd != to) return sys_dup3(m, self, fd, to, 0);
    TRY(fget(m, self, fd, true));
    return to;
}

Outcome<> sys_fcntl(Machine& m, TaskId self, int fd, uint32_t command, uint64_t argument)
{
    if (resuming(m, self)) return resume_record_lock(m, self);
    const FileId file = TRY(fget(m, self, fd, true));
    if (works_on_path(command)) return fcntl_path_too(m, self, fd, file, command, argument);
    if (m[file].kind == FileKind::path) return EBADF;
    return fcntl_file(m, self, fd, file, command, argument);
}

}  // namespace norn
