// System calls on time, scheduling and futexes.
#include <array>

#include "kernel/futex.h"
#include "kernel/posix_timer.h"
#include "kernel/random.h"
#include "kernel/robust_list.h"
#include "kernel/rseq.h"
#include "kernel/sched_syscalls.h"
#include "kernel/time.h"
#include "syscall/rows.h"

namespace norn {

namespace {
using enum ArgKind;

constexpr ArgDescription clock{"clockid", flags, "clock"};
constexpr ArgDescription timespec_in{"request", structure, "timespec"};
constexpr ArgDescription policy{"policy", flags, "sched_policy"};
constexpr ArgDescription pid_of{"pid", pid};

constexpr auto rows = std::to_array<SyscallRow>({
    row<sys_sched_yield>(24, "sched_yield"),
    row<sys_nanosleep>(35, "nanosleep", {{timespec_in, {"remain", structure, "timespec"}}}),
    row<sys_getitimer>(36, "getitimer", {{{"which", flags, "itimer"}, {"value", structure, "itimerval"}}}),
    row<sys_alarm>(37, "alarm", {{{"seconds", unsigned_number}}}),
    row<sys_setitimer>(38, "setitimer",
                       {{{"which", flags, "itimer"},
                         {"value", structure, "itimerval"},
                         {"old_value", structure, "itimerval"}}}),
    row<sys_gettimeofday>(96, "gettimeofday", {{{"tv", structure, "timeval"}, {"tz", address}}}),
    row<sys_times>(100, "times", {{{"buf", structure, "tms"}}}),
    row<sys_getpriority>(140, "getpriority", {{{"which", flags, "priority"}, {"who"}}}),
    row<sys_setpriority>(141, "setpriority", {{{"which", flags, "priority"}, {"who"}, {"prio"}}}),
    row<sys_ioprio_set>(251, "ioprio_set", {{{"which", flags, "ioprio"}, {"who"}, {"ioprio", ArgKind::hex}}}),
    row<sys_ioprio_get>(252, "ioprio_get", {{{"which", flags, "ioprio"}, {"who"}}}),
    row<sys_sched_setparam>(142, "sched_setparam", {{pid_of, {"param", structure, "int"}}}),
    row<sys_sched_getparam>(143, "sched_getparam", {{pid_of, {"param", structure, "int"}}}),
    row<sys_sched_setscheduler>(144, "sched_setscheduler", {{pid_of, policy, {"param", structure, "int"}}}),
    row<sys_sched_getscheduler>(145, "sched_getscheduler", {{pid_of}}),
    row<sys_sched_get_priority_max>(146, "sched_get_priority_max", {{policy}}),
    row<sys_sched_get_priority_min>(147, "sched_get_priority_min", {{policy}}),
    row<sys_sched_rr_get_interval>(148, "sched_rr_get_interval",
                                   {{pid_of, {"interval", structure, "timespec"}}}),
    row<sys_adjtimex>(159, "adjtimex", {{{"buf", address}}}),
    row<sys_settimeofday>(164, "settimeofday", {{{"tv", structure, "timeval"}, {"tz", address}}}),
    row<sys_time>(201, "time", {{{"tloc", address}}}),
    row<sys_futex>(202, "futex",
                   {{{"uaddr", address},
                     {"op", flags, "futex_op"},
                     {"val", unsigned_number},
                     {"timeout", structure, "timespec"},
                     {"uaddr2", address},
                     {"val3", hex}}}),
    row<sys_sched_setaffinity>(203, "sched_setaffinity",
                               {{pid_of, {"len", size}, {"mask", structure, "cpuset"}}}),
    row<sys_sched_getaffinity>(204, "sched_getaffinity",
                               {{pid_of, {"len", size}, {"mask", structure, "cpuset"}}}),
    row<sys_restart_syscall>(219, "restart_syscall"),
    row<sys_timer_create>(222, "timer_create",
                          {{clock, {"sevp", structure, "sigevent"}, {"timerid", structure, "int"}}}),
    row<sys_timer_settime>(223, "timer_settime",
                           {{{"timerid"},
                             {"flags", flags, "timer"},
                             {"new_value", structure, "itimerspec"},
                             {"old_value", structure, "itimerspec"}}}),
    row<sys_timer_gettime>(224, "timer_gettime", {{{"timerid"}, {"value", structure, "itimerspec"}}}),
    row<sys_timer_getoverrun>(225, "timer_getoverrun", {{{"timerid"}}}),
    row<sys_timer_delete>(226, "timer_delete", {{{"timerid"}}}),
    row<sys_clock_settime>(227, "clock_settime", {{clock, {"tp", structure, "timespec"}}}),
    row<sys_clock_gettime>(228, "clock_gettime", {{clock, {"tp", structure, "timespec"}}}),
    row<sys_clock_getres>(229, "clock_getres", {{clock, {"res", structure, "timespec"}}}),
    row<sys_clock_nanosleep>(
        230, "clock_nanosleep",
        {{clock, {"flags", flags, "timer"}, timespec_in, {"remain", structure, "timespec"}}}),
    row<sys_clock_adjtime>(305, "clock_adjtime", {{clock, {"utx", address}}}),
    row<sys_set_robust_list>(273, "set_robust_list", {{{"head", address}, {"len", size}}}),
    row<sys_get_robust_list>(274, "get_robust_list", {{pid_of, {"head", address}, {"len", address}}}),
    row<sys_getcpu>(309, "getcpu", {{{"cpu", structure, "int"}, {"node", structure, "int"}}}),
    row<sys_sched_setattr>(314, "sched_setattr",
                           {{pid_of, {"attr", structure, "sched_attr"}, {"flags", hex}}}),
    row<sys_sched_getattr>(
        315, "sched_getattr",
        {{pid_of, {"attr", structure, "sched_attr"}, {"size", unsigned_number}, {"flags", hex}}}),
    row<sys_getrandom>(318, "getrandom",
                       {{{"buf", buffer_out}, {"buflen", size}, {"flags", flags, "getrandom"}}}),
    row<sys_membarrier>(324, "membarrier", {{{"cmd", flags, "membarrier"}, {"flags", hex}, {"cpu_id"}}}),
    row<sys_rseq>(334, "rseq", {{{"rseq", address}, {"rseq_len", hex}, {"flags", hex}, {"sig", hex}}}),
    row<sys_futex_waitv>(449, "futex_waitv",
                         {{{"waiters", address},
                           {"nr_futexes", unsigned_number},
                           {"flags", hex},
                           {"timeout", structure, "timespec"},
                           {"clockid", flags, "clock"}}}),
});
}  // namespace

std::span<const SyscallRow> rows_run()
{
    return rows;
}

}  // namespace norn
