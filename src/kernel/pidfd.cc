#include "kernel/pidfd.h"

#include "fs/abi.h"
#include "fs/eventfd.h"
#include "fs/file.h"
#include "fs/proc.h"
#include "kernel/pid.h"
#include "kernel/signal.h"
#include "kernel/syscalls_life.h"
#include "kernel/task.h"
#include "mm/usercopy.h"

namespace norn {

namespace {

constexpr uint32_t pidfd_thread = o_excl;

Result<int> open_pidfd(Machine& m, TaskId self, PidId pid, uint32_t flags)
{
    const FileId file = new_anon_file(m, FileKind::pidfd, o_rdwr | flags);
    m.edit(file).pid = pid;
    hold_pid(m, pid);
    const Result<int> fd = install_fd(m, self, file, 0, true);
    if (!fd.ok()) put_file(m, file);
    return fd;
}

/// Whom a descriptor names to pidfd_send_signal, which takes a directory /proc/PID as well. EBADF.
Result<PidId> pid_named_by(const Machine& m, FileId file)
{
    const PidId pid = m[file].kind == FileKind::pidfd ? m[file].pid : pid_of_proc_directory(m, file);
    if (!pid) return EBADF;
    return pid;
}

enum class Scope : uint8_t { thread, group, pgrp };

/// pidfd_send_signal's flags: at most one. EINVAL.
Result<Scope> scope_of(const Machine& m, FileId file, uint32_t flags)
{
    switch (flags) {
        case 0:
            if (m[file].kind != FileKind::pidfd) return Scope::group;
            return m[file].flags & pidfd_thread ? Scope::thread : Scope::group;
        case 1:
            return Scope::thread;
        case 2:
            return Scope::group;
        case 4:
            return Scope::pgrp;
        default:
            return EINVAL;
    }
}

/// The siginfo to send; one from the caller may not claim to be the kernel's. EFAULT, EINVAL, EPERM.
Result<SigInfo> info_to_send(Machine& m, TaskId self, TaskId target, int signo, UserPtr<SigInfoBytes> from)
{
    if (!from) return user_siginfo(m, self, signo);
    const SigInfo info = decode_siginfo(TRY(get_user(m, self, from)));
    if (info.signo != signo) return EINVAL;
    const bool forged = info.code >= 0 || info.code == SI_TKILL_;
    if (forged && (!target || m[target].signal != m[self].signal)) return EPERM;
    return info;
}

}  // namespace

Result<> open_clone_pidfd(Machine& m, TaskId self, PidId pid, UserPtr<int> to)
{
    const int fd = TRY(open_pidfd(m, self, pid, 0));
    const Result<> stored = put_user(m, self, to, fd);
    if (!stored.ok()) (void)close_fd(m, self, fd);
    return stored;
}

bool pidfd_ended(const Machine& m, PidId pid)
{
    const TaskId task = m[pid].task;
    return !task || (m[task].state == TaskState::zombie && thread_group_empty(m, m[task].signal));
}

Result<int> sys_pidfd_open(Machine& m, TaskId self, int number, uint32_t flags)
{
    if (flags & ~(o_nonblock | pidfd_thread)) return EINVAL;
    if (number <= 0) return EINVAL;
    const PidId pid = find_pid(m, static_cast<uint32_t>(number));
    if (!pid || !m[pid].task) return ESRCH;
    if (!(flags & pidfd_thread) && !thread_group_leader(m, m[pid].task)) return ENOENT;
    return open_pidfd(m, self, pid, flags);
}

Result<int> sys_pidfd_getfd(Machine& m, TaskId self, int pidfd, int target_fd, uint32_t flags)
{
    if (flags) return EINVAL;
    const FileId named = TRY(fget(m, self, pidfd));
    if (m[named].kind != FileKind::pidfd) return EBADF;
    const TaskId target = m[m[named].pid].task;
    if (!target || !m[target].files) return ESRCH;
    if (!may_trace(m, self, target)) return EPERM;
    const FileId file = TRY(fget(m, target, target_fd, true));
    hold_file(m, file);
    const Result<int> fd = install_fd(m, self, file, 0, true);
    if (!fd.ok()) put_file(m, file);
    return fd;
}

Result<> sys_pidfd_send_signal(Machine& m, TaskId self, int pidfd, int signo, UserPtr<SigInfoBytes> info,
                               uint32_t flags)
{
    if ((flags & ~7u) || (flags & (flags - 1))) return EINVAL;
    const FileId file = TRY(fget(m, self, pidfd));
    const PidId pid = TRY(pid_named_by(m, file));
    const Scope scope = TRY(scope_of(m, file, flags));
    const TaskId target = m[pid].task;
    const SigInfo sent = TRY(info_to_send(m, self, target, signo, info));
    if (scope == Scope::pgrp) return kill_pgrp(m, self, pid, sent);
    if (!target) return ESRCH;
    TRY(check_kill_permission(m, self, target, signo));
    if (signo == 0) return {};
    return queue_signal(m, target, sent, scope == Scope::thread);
}

}  // namespace norn
