#include "kernel/rlimit.h"

#include "kernel/cred.h"
#include "kernel/syscalls_life.h"
#include "kernel/task.h"
#include "mm/mmap.h"
#include "mm/usercopy.h"

namespace norn {

namespace {

constexpr uint64_t nr_open = 1'048'576;  ///< fs.nr_open: no descriptor table grows beyond it

/// LC-228: who may read or change the limits of another process.
Result<> check_prlimit_permission(const Machine& m, TaskId self, TaskId target)
{
    if (m[self].signal == m[target].signal) return {};
    const Cred& own = m[m[self].cred];
    const Cred& its = m[m[target].cred];
    const bool same = own.uid == its.euid && own.uid == its.suid && own.uid == its.uid &&
                      own.gid == its.egid && own.gid == its.sgid && own.gid == its.gid;
    if (same || capable(m, self, CAP_SYS_RESOURCE_)) return {};
    return EPERM;
}

Result<> change_limit(Machine& m, TaskId self, TaskId target, int resource, const RLimit& wanted)
{
    const SignalId signal = m[target].signal;
    const auto index = static_cast<std::size_t>(resource);
    if (wanted.soft > wanted.hard) return EINVAL;
    if (resource == RLIMIT_NOFILE && wanted.hard > nr_open) return EPERM;
    if (wanted.hard > m[signal].rlimit[index].hard && !capable(m, self, CAP_SYS_RESOURCE_)) return EPERM;
    m.edit(signal).rlimit[index] = wanted;
    if (resource == RLIMIT_CPU) m.state.cpu_time_limited = 1;
    if (m[target].mm) note_limits(m, m[target].mm, signal);
    return {};
}

}  // namespace

std::array<RLimit, rlimit_count> initial_rlimits()
{
    constexpr uint64_t infinity = ~0ull;
    constexpr uint64_t processes = 15'000;
    std::array<RLimit, rlimit_count> limits{};
    limits[RLIMIT_STACK] = {8ull << 20, infinity};
    limits[RLIMIT_CORE] = {0, infinity};
    limits[RLIMIT_NPROC] = {processes, processes};
    limits[RLIMIT_NOFILE] = {1024, nr_open};
    limits[RLIMIT_MEMLOCK] = {8ull << 20, 8ull << 20};
    limits[RLIMIT_SIGPENDING] = {processes, processes};
    limits[RLIMIT_MSGQUEUE] = {819'200, 819'200};
    limits[RLIMIT_NICE] = {0, 0};
    limits[RLIMIT_RTPRIO] = {0, 0};
    return limits;
}

Result<> sys_getrlimit(Machine& m, TaskId self, uint32_t resource, UserPtr<RLimit> limit)
{
    if (resource >= rlimit_count) return EINVAL;
    const RLimit now = rlimit(m, self, static_cast<int>(resource));
    return put_user(m, self, limit, now);
}

Result<> sys_setrlimit(Machine& m, TaskId self, uint32_t resource, UserPtr<RLimit> limit)
{
    const RLimit wanted = TRY(get_user(m, self, limit));
    if (resource >= rlimit_count) return EINVAL;
    return change_limit(m, self, self, static_cast<int>(resource), wanted);
}

Result<> sys_prlimit64(Machine& m, TaskId self, int pid, uint32_t resource, UserPtr<RLimit> wanted,
                       UserPtr<RLimit> old)
{
    RLimit now;
    if (wanted) now = TRY(get_user(m, self, wanted));
    const TaskId target = pid == 0 ? self : find_task(m, static_cast<uint32_t>(pid));
    if (!target) return ESRCH;
    TRY(check_prlimit_permission(m, self, target));
    if (resource >= rlimit_count) return EINVAL;
    const RLimit before = rlimit(m, target, static_cast<int>(resource));
    if (wanted) TRY(change_limit(m, self, target, static_cast<int>(resource), now));
    if (old) TRY(put_user(m, self, old, before));
    return {};
}

}  // namespace norn
