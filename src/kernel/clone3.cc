// clone3(2): a structure that grows, and the checks that come with it.
#include <climits>

#include "kernel/fork.h"
#include "kernel/signal.h"
#include "kernel/syscalls_life.h"
#include "kernel/wait_queue.h"
#include "mm/usercopy.h"
#include "x86/engine.h"

namespace norn {

namespace {

/// struct clone_args of the kernel's header.
struct UserCloneArgs {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
    uint64_t set_tid, set_tid_size;  // version 1
    uint64_t cgroup;                 // version 2
};
constexpr std::size_t size_version_0 = 64, size_version_2 = sizeof(UserCloneArgs);
constexpr uint64_t known_flags = 0xffff'ffffull | CLONE_CLEAR_SIGHAND_ | CLONE_INTO_CGROUP_;
constexpr uint64_t max_pid_namespaces = 32;

/// Bytes that this kernel does not know must be zero. E2BIG, EFAULT, EINVAL.
Result<UserCloneArgs> fetch(Machine& m, TaskId self, UserPtr<> from, std::size_t size)
{
    if (size > x86::page_size) return E2BIG;
    if (size < size_version_0) return EINVAL;
    std::vector<uint8_t> bytes(std::max(size, size_version_2), 0);
    if (read_user(m, m[self].mm, from.address, {bytes.data(), size}) != size) return EFAULT;
    for (std::size_t i = size_version_2; i < size; ++i)
        if (bytes[i] != 0) return E2BIG;
    UserCloneArgs args{};
    std::memcpy(&args, bytes.data(), sizeof args);
    return args;
}

bool stack_valid(const UserCloneArgs& user)
{
    if (user.stack == 0) return user.stack_size == 0;
    return user.stack_size != 0 && user.stack_size <= x86::user_end &&
           user.stack <= x86::user_end - user.stack_size;
}

Result<> check_values(const UserCloneArgs& user, std::size_t size)
{
    if ((user.set_tid != 0) != (user.set_tid_size != 0)) return EINVAL;
    if (user.set_tid_size > max_pid_namespaces) return EINVAL;
    if (user.exit_signal > SIGRTMAX_) return EINVAL;
    if ((user.flags & CLONE_INTO_CGROUP_) && (user.cgroup > INT_MAX || size < size_version_2)) return EINVAL;
    return {};
}

Result<> check_flags(const UserCloneArgs& user)
{
    constexpr uint64_t low_byte = 0xff;
    if (user.flags & ~known_flags) return EINVAL;
    if (user.flags & (CLONE_DETACHED_ | (low_byte & ~CLONE_NEWTIME_))) return EINVAL;
    if ((user.flags & CLONE_SIGHAND_) && (user.flags & CLONE_CLEAR_SIGHAND_)) return EINVAL;
    if ((user.flags & (CLONE_THREAD_ | CLONE_PARENT_)) && user.exit_signal != 0) return EINVAL;
    if (!stack_valid(user)) return EINVAL;
    return {};
}

/// The one number that set_tid can name here: there is one pid namespace.
Result<uint32_t> wanted_tid(Machine& m, TaskId self, const UserCloneArgs& user)
{
    if (user.set_tid_size == 0) return uint32_t{0};
    const int first = TRY(get_user(m, self, UserPtr<int>{user.set_tid}));
    if (user.set_tid_size > 1 || first < 1) return EINVAL;
    return static_cast<uint32_t>(first);
}

}  // namespace

Outcome<> sys_clone3(Machine& m, TaskId self, UserPtr<> uargs, std::size_t size)
{
    if (resuming(m, self)) return do_clone(m, self, {});
    const UserCloneArgs user = TRY(fetch(m, self, uargs, size));
    TRY(check_values(user, size));
    const uint32_t set_tid = TRY(wanted_tid(m, self, user));
    TRY(check_flags(user));
    if (user.flags & CLONE_INTO_CGROUP_) return EBADF;  // no descriptor names a cgroup here
    CloneArgs args;
    args.flags = user.flags;
    args.pidfd = user.pidfd;
    args.child_tid = user.child_tid;
    args.parent_tid = user.parent_tid;
    args.stack = user.stack ? user.stack + user.stack_size : 0;
    args.tls = user.tls;
    args.exit_signal = static_cast<int>(user.exit_signal);
    args.set_tid = set_tid;
    return do_clone(m, self, args);
}

}  // namespace norn
