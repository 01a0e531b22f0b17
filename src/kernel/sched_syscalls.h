// Calls on policy, priority and processors (sched(7)).
#pragma once

#include "kernel/time.h"
#include "norn/machine.h"
#include "norn/result.h"
#include "norn/user_ptr.h"

namespace norn {

/// struct sched_attr, as of Linux 5.3.
struct SchedAttr {
    uint32_t size = 0;
    uint32_t policy = 0;
    uint64_t flags = 0;
    int32_t nice = 0;
    uint32_t priority = 0;
    uint64_t runtime = 0, deadline = 0, period = 0;
    uint32_t util_min = 0, util_max = 0;
};

Result<> sys_sched_yield(Machine& m, TaskId self);
Result<> sys_sched_setaffinity(Machine& m, TaskId self, int pid, uint32_t length, UserPtr<uint64_t> mask);
Result<uint32_t> sys_sched_getaffinity(Machine& m, TaskId self, int pid, uint32_t length,
                                       UserPtr<uint64_t> mask);
Result<> sys_sched_setscheduler(Machine& m, TaskId self, int pid, int policy, UserPtr<int> param);
Result<int> sys_sched_getscheduler(const Machine& m, TaskId self, int pid);
Result<> sys_sched_setparam(Machine& m, TaskId self, int pid, UserPtr<int> param);
Result<> sys_sched_getparam(Machine& m, TaskId self, int pid, UserPtr<int> param);
Result<> sys_sched_setattr(Machine& m, TaskId self, int pid, UserPtr<SchedAttr> attr, uint32_t flags);
Result<> sys_sched_getattr(Machine& m, TaskId self, int pid, UserPtr<SchedAttr> attr, uint32_t size,
                           uint32_t flags);
Result<int> sys_sched_get_priority_max(const Machine& m, TaskId self, int policy);
Result<int> sys_sched_get_priority_min(const Machine& m, TaskId self, int policy);
Result<> sys_sched_rr_get_interval(Machine& m, TaskId self, int pid, UserPtr<Timespec> interval);
Result<> sys_setpriority(Machine& m, TaskId self, int which, int who, int nice);
Result<int> sys_getpriority(const Machine& m, TaskId self, int which, int who);
Result<> sys_ioprio_set(Machine& m, TaskId self, int which, int who, int priority);
Result<int> sys_ioprio_get(const Machine& m, TaskId self, int which, int who);
Result<> sys_getcpu(Machine& m, TaskId self, UserPtr<uint32_t> cpu, UserPtr<uint32_t> node);
Result<int> sys_membarrier(Machine& m, TaskId self, int command, uint32_t flags, int cpu);

}  // namespace norn
