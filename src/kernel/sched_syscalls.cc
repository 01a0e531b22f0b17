#include "kernel/sched_syscalls.h"

#include <algorithm>
#include <climits>

#include "kernel/cred.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "mm/usercopy.h"

namespace norn {

namespace {
constexpr int RLIMIT_NICE_ = 13, RLIMIT_RTPRIO_ = 14;
constexpr int SCHED_RESET_ON_FORK_ = 0x40000000;
constexpr uint64_t SCHED_FLAG_RESET_ON_FORK_ = 1;
constexpr uint32_t attr_size_first = 48;

Result<TaskId> task_of(const Machine& m, TaskId self, int pid)
{
    if (pid < 0) return EINVAL;
    if (pid == 0) return self;
    const TaskId task = find_task(m, static_cast<uint32_t>(pid));
    if (!task) return ESRCH;
    return task;
}

bool is_realtime(int policy)
{
    return policy == sched_fifo || policy == sched_rr;
}

bool is_known(int policy)
{
    return policy == sched_other || is_realtime(policy) || policy == sched_batch || policy == sched_idle;
}

bool owns(const Machine& m, TaskId self, TaskId task)
{
    const uint32_t euid = m[m[self].cred].euid;
    const Cred& theirs = m[m[task].cred];
    return euid == theirs.euid || euid == theirs.uid;
}

/// Nice values down to this are allowed by RLIMIT_NICE.
bool nice_allowed(const Machine& m, TaskId task, int nice)
{
    return static_cast<uint64_t>(20 - nice) <= rlimit(m, task, RLIMIT_NICE_).soft;
}

struct Wanted {
    int policy = 0;
    int priority = 0;
    int nice = 0;
    bool reset_on_fork = false;
};

Result<> check_permission(const Machine& m, TaskId self, TaskId task, const Wanted& wanted)
{
    if (capable(m, self, CAP_SYS_NICE_)) return {};
    const Task& t = m[task];
    if (!is_realtime(wanted.policy) && wanted.nice < t.nice && !nice_allowed(m, task, wanted.nice))
        return EPERM;
    if (is_realtime(wanted.policy)) {
        const uint64_t limit = rlimit(m, task, RLIMIT_RTPRIO_).soft;
        if (wanted.policy != t.policy && limit == 0) return EPERM;
        if (wanted.priority > t.rt_priority && static_cast<uint64_t>(wanted.priority) > limit) return EPERM;
    }
    if (t.policy == sched_idle && wanted.policy != sched_idle && !nice_allowed(m, task, t.nice)) return EPERM;
    if (!owns(m, self, task)) return EPERM;
    if ((t.flags & task_reset_on_fork) && !wanted.reset_on_fork) return EPERM;
    return {};
}

Result<> set_scheduler(Machine& m, TaskId self, TaskId task, const Wanted& wanted)
{
    if (!is_known(wanted.policy)) return EINVAL;
    if (wanted.priority < 0 || wanted.priority > 99) return EINVAL;
    if (is_realtime(wanted.policy) != (wanted.priority != 0)) return EINVAL;
    TRY(check_permission(m, self, task, wanted));
    set_policy(m, task, static_cast<uint8_t>(wanted.policy), static_cast<uint8_t>(wanted.priority),
               static_cast<int8_t>(wanted.nice));
    Task& t = m.edit(task);
    t.flags = wanted.reset_on_fork ? t.flags | task_reset_on_fork : t.flags & ~task_reset_on_fork;
    return {};
}
}  // namespace

Result<> sys_sched_yield(Machine& m, TaskId self)
{
    spend_spinning(m, self);
    yield_task(m, self);
    return {};
}

Result<> sys_sched_setaffinity(Machine& m, TaskId self, int pid, uint32_t length, UserPtr<uint64_t> mask)
{
    uint64_t wanted = 0;
    const std::size_t size = std::min<std::size_t>(length, sizeof wanted);
    if (read_user(m, m[self].mm, mask.address, {reinterpret_cast<uint8_t*>(&wanted), size}) != size)
        return EFAULT;
    if (pid < 0) return ESRCH;
    const TaskId task = TRY(task_of(m, self, pid));
    if (!owns(m, self, task) && !capable(m, self, CAP_SYS_NICE_)) return EPERM;
    const uint64_t present = m.state.limits.cpus == 64 ? ~0ull : (1ull << m.state.limits.cpus) - 1;
    if (!(wanted & present)) return EINVAL;
    m.edit(task).affinity = wanted & present;
    move_to_allowed_processor(m, task);
    return {};
}

Result<uint32_t> sys_sched_getaffinity(Machine& m, TaskId self, int pid, uint32_t length,
                                       UserPtr<uint64_t> mask)
{
    if (length * 8ull < m.state.limits.cpus || length % 8 != 0) return EINVAL;
    if (pid < 0) return ESRCH;
    const TaskId task = TRY(task_of(m, self, pid));
    const uint64_t present = m.state.limits.cpus == 64 ? ~0ull : (1ull << m.state.limits.cpus) - 1;
    TRY(put_user(m, self, mask, m[task].affinity & present));
    return static_cast<uint32_t>(sizeof(uint64_t));
}

Result<> sys_sched_setscheduler(Machine& m, TaskId self, int pid, int policy, UserPtr<int> param)
{
    if (policy < 0) return EINVAL;
    if (!param) return EINVAL;
    const int priority = TRY(get_user(m, self, param));
    const TaskId task = TRY(task_of(m, self, pid));
    return set_scheduler(
        m, self, task,
        {policy & ~SCHED_RESET_ON_FORK_, priority, m[task].nice, (policy & SCHED_RESET_ON_FORK_) != 0});
}

Result<int> sys_sched_getscheduler(const Machine& m, TaskId self, int pid)
{
    const TaskId task = TRY(task_of(m, self, pid));
    return m[task].policy | (m[task].flags & task_reset_on_fork ? SCHED_RESET_ON_FORK_ : 0);
}

Result<> sys_sched_setparam(Machine& m, TaskId self, int pid, UserPtr<int> param)
{
    if (!param) return EINVAL;
    const int priority = TRY(get_user(m, self, param));
    const TaskId task = TRY(task_of(m, self, pid));
    const bool reset = m[task].flags & task_reset_on_fork;
    return set_scheduler(m, self, task, {m[task].policy, priority, m[task].nice, reset});
}

Result<> sys_sched_getparam(Machine& m, TaskId self, int pid, UserPtr<int> param)
{
    if (!param) return EINVAL;
    const TaskId task = TRY(task_of(m, self, pid));
    return put_user(m, self, param, int{m[task].rt_priority});
}

Result<> sys_sched_setattr(Machine& m, TaskId self, int pid, UserPtr<SchedAttr> attr, uint32_t flags)
{
    if (!attr || pid < 0 || flags != 0) return EINVAL;
    uint32_t size = TRY(get_user(m, self, attr.as<uint32_t>()));
    if (size == 0) size = attr_size_first;
    SchedAttr wanted;
    const std::size_t known = std::min<std::size_t>(size, sizeof wanted);
    bool good = size >= attr_size_first && size <= 4096;
    if (good && read_user(m, m[self].mm, attr.address, {reinterpret_cast<uint8_t*>(&wanted), known}) != known)
        return EFAULT;
    for (uint32_t at = sizeof wanted; good && at < size; ++at)
        good = TRY(get_user(m, self, UserPtr<uint8_t>{attr.address + at})) == 0;
    if (!good) {
        TRY(put_user(m, self, attr.as<uint32_t>(), uint32_t{sizeof wanted}));
        return E2BIG;
    }
    if (wanted.flags & ~SCHED_FLAG_RESET_ON_FORK_) return EINVAL;
    const TaskId task = TRY(task_of(m, self, pid));
    const auto policy = static_cast<int>(std::min<uint32_t>(wanted.policy, 255));
    const int nice = is_realtime(policy) ? m[task].nice : std::clamp(wanted.nice, -20, 19);
    return set_scheduler(
        m, self, task,
        {policy, static_cast<int>(std::min<uint32_t>(wanted.priority, 255)), nice, wanted.flags != 0});
}

Result<> sys_sched_getattr(Machine& m, TaskId self, int pid, UserPtr<SchedAttr> attr, uint32_t size,
                           uint32_t flags)
{
    if (!attr || pid < 0 || size < attr_size_first || size > 4096 || flags != 0) return EINVAL;
    const TaskId task = TRY(task_of(m, self, pid));
    SchedAttr shown;
    shown.size = std::min<uint32_t>(size, sizeof shown);
    shown.policy = m[task].policy;
    shown.flags = m[task].flags & task_reset_on_fork ? SCHED_FLAG_RESET_ON_FORK_ : 0;
    shown.priority = m[task].rt_priority;
    shown.nice = is_realtime(m[task].policy) ? 0 : m[task].nice;
    shown.util_max = 1024;
    const std::span<const uint8_t> bytes{reinterpret_cast<const uint8_t*>(&shown), shown.size};
    if (write_user(m, m[self].mm, attr.address, bytes) != bytes.size()) return EFAULT;
    return {};
}

Result<int> sys_sched_get_priority_max(const Machine& /*m*/, TaskId /*self*/, int policy)
{
    if (is_realtime(policy)) return 99;
    return is_known(policy) || policy == 6 || policy == 7 ? Result<int>(0) : Result<int>(EINVAL);
}

Result<int> sys_sched_get_priority_min(const Machine& m, TaskId self, int policy)
{
    if (is_realtime(policy)) return 1;
    return sys_sched_get_priority_max(m, self, policy);
}

Result<> sys_sched_rr_get_interval(Machine& m, TaskId self, int pid, UserPtr<Timespec> interval)
{
    constexpr uint64_t rr_slice_ns = 100'000'000;
    const TaskId task = TRY(task_of(m, self, pid));
    return put_user(m, self, interval, to_timespec(m[task].policy == sched_rr ? rr_slice_ns : 0));
}

namespace {
enum PriorityWhich : int { PRIO_PROCESS_ = 0, PRIO_PGRP_ = 1, PRIO_USER_ = 2 };

/// Calls `f(task)` for every task that (which, who) names; false if there is none.
template <class F>
bool each_named(const Machine& m, TaskId self, int which, int who, F&& f)
{
    if (which == PRIO_PROCESS_) {
        const TaskId task = who == 0 ? self : find_task(m, static_cast<uint32_t>(who));
        if (task) f(task);
        return bool(task);
    }
    std::vector<TaskId> named;
    const PidId group = who == 0 ? m[m[self].signal].pgrp : find_pid(m, static_cast<uint32_t>(who));
    const uint32_t uid = who == 0 ? m[m[self].cred].uid : static_cast<uint32_t>(who);
    m.pool<Task>().each([&](TaskId id, const Task& task) {
        const bool in = which == PRIO_PGRP_ ? group && m[task.signal].pgrp == group : m[task.cred].uid == uid;
        if (in) named.push_back(id);
    });
    for (const TaskId task : named) f(task);
    return !named.empty();
}

Result<> set_nice(Machine& m, TaskId self, TaskId task, int nice)
{
    if (!owns(m, self, task) && !capable(m, self, CAP_SYS_NICE_)) return EPERM;
    if (nice < m[task].nice && !nice_allowed(m, task, nice) && !capable(m, self, CAP_SYS_NICE_))
        return EACCES;
    set_policy(m, task, m[task].policy, m[task].rt_priority, static_cast<int8_t>(nice));
    return {};
}
}  // namespace

Result<> sys_setpriority(Machine& m, TaskId self, int which, int who, int nice)
{
    if (which < PRIO_PROCESS_ || which > PRIO_USER_) return EINVAL;
    nice = std::clamp(nice, -20, 19);
    Errno error = ESRCH;
    each_named(m, self, which, who, [&](TaskId task) {
        const Result<> set = set_nice(m, self, task, nice);
        if (!set.ok())
            error = set.error();
        else if (error == ESRCH)
            error = Errno::none;
    });
    return error;
}

Result<int> sys_getpriority(const Machine& m, TaskId self, int which, int who)
{
    if (which < PRIO_PROCESS_ || which > PRIO_USER_) return EINVAL;
    int best = 0;
    each_named(m, self, which, who, [&](TaskId task) { best = std::max(best, 20 - m[task].nice); });
    if (best == 0) return ESRCH;
    return best;
}

// Nothing is ever queued at a disk here: the priority of a task's input and output is only kept for it.
namespace {
enum IoClass : int { none = 0, realtime = 1, best_effort = 2, idle = 3 };
constexpr int io_class_shift = 13, io_levels = 8, io_level_mask = io_levels - 1;

/// ioprio_set's third argument for `self`. EINVAL, EPERM.
Result<> check_io_priority(const Machine& m, TaskId self, int priority)
{
    const int level = priority & io_level_mask;
    switch ((priority & 0xffff) >> io_class_shift) {
        case realtime:
            if (!capable(m, self, CAP_SYS_NICE_) && !capable(m, self, CAP_SYS_ADMIN_)) return EPERM;
            return {};
        case best_effort:
        case idle:
            return {};
        case none:
            return level == 0 ? Errno::none : EINVAL;
        default:
            return EINVAL;
    }
}

/// ioprio_set and ioprio_get count the kinds of `who` from 1.
bool each_with_io(const Machine& m, TaskId self, int which, int who, auto&& f)
{
    return each_named(m, self, which - 1, who, f);
}

bool may_set_io(const Machine& m, TaskId self, TaskId task)
{
    const Cred &mine = m[m[self].cred], &theirs = m[m[task].cred];
    return theirs.uid == mine.euid || theirs.uid == mine.uid || capable(m, self, CAP_SYS_NICE_);
}
}  // namespace

Result<> sys_ioprio_set(Machine& m, TaskId self, int which, int who, int priority)
{
    TRY(check_io_priority(m, self, priority));
    if (which - 1 < PRIO_PROCESS_ || which - 1 > PRIO_USER_) return EINVAL;
    Errno error = Errno::none;
    const bool any = each_with_io(m, self, which, who, [&](TaskId task) {
        if (!may_set_io(m, self, task))
            error = EPERM;
        else
            m.edit(task).io_priority = static_cast<uint16_t>(priority);
    });
    return any ? error : ESRCH;
}

Result<int> sys_ioprio_get(const Machine& m, TaskId self, int which, int who)
{
    if (which - 1 < PRIO_PROCESS_ || which - 1 > PRIO_USER_) return EINVAL;
    int best = INT_MAX;
    const bool any = each_with_io(m, self, which, who,
                                  [&](TaskId task) { best = std::min(best, int{m[task].io_priority}); });
    if (!any) return ESRCH;
    return best;
}

Result<> sys_getcpu(Machine& m, TaskId self, UserPtr<uint32_t> cpu, UserPtr<uint32_t> node)
{
    if (cpu) TRY(put_user(m, self, cpu, uint32_t{m[self].cpu_number}));
    if (node) TRY(put_user(m, self, node, 0u));
    return {};
}

Result<int> sys_membarrier(Machine& m, TaskId self, int command, uint32_t flags, int /*cpu*/)
{
    // Tasks of a machine run one at a time: every barrier is already there. Only registration shows.
    enum Command : int {
        query = 0,
        global = 1,
        global_expedited = 2,
        register_global_expedited = 4,
        private_expedited = 8,
        register_private_expedited = 16,
        private_sync_core = 32,
        register_private_sync_core = 64,
    };
    if (flags != 0) return EINVAL;
    const auto registered = static_cast<int>(m[m[self].mm].membarrier);
    switch (command) {
        case query:
            return 0x7f;
        case global:
        case global_expedited:
            return 0;
        case register_global_expedited:
        case register_private_expedited:
        case register_private_sync_core:
            m.edit(m[self].mm).membarrier = static_cast<uint32_t>(registered | command);
            return 0;
        case private_expedited:
            return registered & register_private_expedited ? Result<int>(0) : EPERM;
        case private_sync_core:
            return registered & register_private_sync_core ? Result<int>(0) : EPERM;
        default:
            return EINVAL;
    }
}

}  // namespace norn
