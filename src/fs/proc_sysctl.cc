// /proc/sys: what can be asked of and set in the kernel (sysctl(8), proc(5)).
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fs/proc.h"
#include "kernel/pid.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/uts.h"

namespace norn {

namespace {

constexpr uint32_t least_pid_max = 301, most_pid_max = 4'194'304;

ProcText number_line(uint64_t value)
{
    return fmt::format("{}\n", value);
}

ProcText name_line(const std::array<char, 64>& name)
{
    return std::string(name.begin(), std::find(name.begin(), name.end(), '\0')) + "\n";
}

Result<> store_name(const ProcView& view, std::array<char, 64> MachineState::*which, std::string_view bytes)
{
    if (!capable(view.m, view.reader, cap_sys_admin)) return EPERM;
    std::array<char, 64> name{};
    const std::string_view line =
        bytes.substr(0, std::min({bytes.find('\n'), bytes.find('\0'), name.size()}));
    std::copy(line.begin(), line.end(), name.begin());
    view.m.state.*which = name;
    return {};
}

ProcText hostname(const ProcView& view)
{
    return name_line(view.m.state.hostname);
}

Result<> store_hostname(const ProcView& view, std::string_view bytes)
{
    return store_name(view, &MachineState::hostname, bytes);
}

ProcText domainname(const ProcView& view)
{
    return view.m.state.domainname[0] ? name_line(view.m.state.domainname) : std::string("(none)\n");
}

Result<> store_domainname(const ProcView& view, std::string_view bytes)
{
    return store_name(view, &MachineState::domainname, bytes);
}

ProcText ostype(const ProcView& /*view*/)
{
    return fmt::format("{}\n", uts_sysname);
}

ProcText osrelease(const ProcView& /*view*/)
{
    return fmt::format("{}\n", uts_release);
}

ProcText version(const ProcView& /*view*/)
{
    return fmt::format("{}\n", uts_version);
}

ProcText pid_max(const ProcView& view)
{
    return number_line(view.m.state.limits.pid_max);
}

Result<> store_pid_max(const ProcView& view, std::string_view bytes)
{
    const int64_t value = TRY(parse_number(bytes));
    if (value < least_pid_max || value > most_pid_max) return EINVAL;
    view.m.state.limits.pid_max = static_cast<uint32_t>(value);
    return {};
}

ProcText ns_last_pid(const ProcView& view)
{
    return number_line(view.m.state.last_pid);
}

Result<> store_ns_last_pid(const ProcView& view, std::string_view bytes)
{
    if (!capable(view.m, view.reader, cap_sys_admin)) return EPERM;
    const int64_t value = TRY(parse_number(bytes));
    if (value < 0 || value >= view.m.state.limits.pid_max) return EINVAL;
    view.m.state.last_pid = static_cast<uint32_t>(value);
    return {};
}

ProcText threads_max(const ProcView& view)
{
    return number_line(view.m.state.limits.max_tasks);
}

ProcText overcommit_memory(const ProcView& view)
{
    return number_line(view.m.state.overcommit);
}

Result<> store_overcommit_memory(const ProcView& view, std::string_view bytes)
{
    constexpr int64_t most = 2;
    const int64_t value = TRY(parse_number(bytes));
    if (value < 0 || value > most) return EINVAL;
    view.m.state.overcommit = static_cast<uint32_t>(value);
    return {};
}

std::string uuid_of(uint64_t high, uint64_t low)
{
    constexpr uint64_t version_4 = 0x4000, variant = 1ull << 63;
    high = (high & ~0xf000ull) | version_4;
    low = (low & ~(3ull << 62)) | variant;
    return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}\n", high >> 32, high >> 16 & 0xffff,
                       high & 0xffff, low >> 48, low & 0xffffffffffff);
}

ProcText boot_id(const ProcView& view)
{
    Choice first{ChoiceKind::random_bytes, 0, 0, 0}, second = first;
    second.ordinal = 1;
    return uuid_of(random_for(view.m.state.seed, first), random_for(view.m.state.seed, second));
}

ProcText uuid(const ProcView& view)
{
    if (!view.m.decider || !view.reader) return boot_id(view);
    const uint64_t high = choose(view.m, view.reader, ChoiceKind::random_bytes, 0);
    const uint64_t low = choose(view.m, view.reader, ChoiceKind::random_bytes, 0);
    return uuid_of(high, low);
}

ProcText file_nr(const ProcView& view)
{
    return fmt::format("{}\t0\t{}\n", view.m.pool<File>().size(), INT64_MAX);
}

constexpr ProcEntry sys_entries[] = {
    proc_dir("fs", ProcDir::sys_fs),
    proc_dir("kernel", ProcDir::sys_kernel),
    proc_dir("user", ProcDir::sys_user),
    proc_dir("vm", ProcDir::sys_vm),
};

constexpr ProcEntry kernel_entries[] = {
    proc_constant("cap_last_cap", "40\n"),
    proc_constant("core_pattern", "core\n"),
    proc_constant("core_pipe_limit", "0\n"),
    proc_constant("core_uses_pid", "0\n"),
    proc_constant("dmesg_restrict", "1\n"),
    proc_store("domainname", 0644, domainname, store_domainname),
    proc_store("hostname", 0644, hostname, store_hostname),
    proc_constant("io_uring_disabled", "2\n"),
    proc_constant("kptr_restrict", "1\n"),
    proc_constant("msgmax", "8192\n"),
    proc_constant("msgmnb", "16384\n"),
    proc_constant("msgmni", "32000\n"),
    proc_constant("ngroups_max", "65536\n"),
    proc_store("ns_last_pid", 0666, ns_last_pid, store_ns_last_pid),
    proc_file("osrelease", 0444, osrelease),
    proc_file("ostype", 0444, ostype),
    proc_constant("overflowgid", "65534\n"),
    proc_constant("overflowuid", "65534\n"),
    proc_constant("panic", "0\n"),
    proc_constant("perf_event_paranoid", "4\n"),
    proc_store("pid_max", 0644, pid_max, store_pid_max),
    proc_constant("printk", "4\t4\t1\t7\n"),
    proc_dir("pty", ProcDir::sys_kernel_pty),
    proc_dir("random", ProcDir::sys_kernel_random),
    proc_constant("randomize_va_space", "0\n"),
    proc_constant("sched_autogroup_enabled", "0\n"),
    proc_constant("sched_rr_timeslice_ms", "100\n"),
    proc_constant("sched_rt_period_us", "1000000\n"),
    proc_constant("sched_rt_runtime_us", "950000\n"),
    proc_dir("seccomp", ProcDir::sys_kernel_seccomp),
    proc_constant("sem", "32000\t1024000000\t500\t32000\n"),
    proc_constant("shmall", "18446744073692774399\n"),
    proc_constant("shmmax", "18446744073692774399\n"),
    proc_constant("shmmni", "4096\n"),
    proc_constant("shm_rmid_forced", "0\n"),
    proc_constant("tainted", "0\n"),
    proc_file("threads-max", 0444, threads_max),
    proc_constant("unprivileged_bpf_disabled", "2\n"),
    proc_file("version", 0444, version),
};

constexpr ProcEntry random_entries[] = {
    proc_file("boot_id", 0444, boot_id), proc_constant("entropy_avail", "256\n"),
    proc_constant("poolsize", "256\n"),  proc_constant("urandom_min_reseed_secs", "60\n"),
    proc_file("uuid", 0444, uuid),       proc_constant("write_wakeup_threshold", "256\n"),
};

constexpr ProcEntry seccomp_entries[] = {proc_constant("actions_avail", "\n")};
constexpr ProcEntry pty_entries[] = {proc_constant("max", "4096\n"), proc_constant("nr", "0\n")};

constexpr ProcEntry vm_entries[] = {
    proc_constant("max_map_count", "65530\n"),
    proc_constant("mmap_min_addr", "65536\n"),
    proc_constant("nr_hugepages", "0\n"),
    proc_constant("oom_kill_allocating_task", "0\n"),
    proc_store("overcommit_memory", 0644, overcommit_memory, store_overcommit_memory),
    proc_constant("overcommit_ratio", "50\n"),
    proc_constant("panic_on_oom", "0\n"),
    proc_constant("swappiness", "60\n"),
};

constexpr ProcEntry fs_entries[] = {
    proc_dir("epoll", ProcDir::sys_fs_epoll),
    proc_constant("file-max", "9223372036854775807\n"),
    proc_file("file-nr", 0444, file_nr),
    proc_dir("inotify", ProcDir::sys_fs_inotify),
    proc_constant("mount-max", "100000\n"),
    proc_constant("nr_open", "1048576\n"),
    proc_constant("overflowgid", "65534\n"),
    proc_constant("overflowuid", "65534\n"),
    proc_constant("pipe-max-size", "1048576\n"),
    proc_constant("pipe-user-pages-hard", "0\n"),
    proc_constant("pipe-user-pages-soft", "16384\n"),
    proc_constant("protected_fifos", "0\n"),
    proc_constant("protected_hardlinks", "1\n"),
    proc_constant("protected_regular", "0\n"),
    proc_constant("protected_symlinks", "0\n"),
    proc_constant("suid_dumpable", "0\n"),
};

constexpr ProcEntry inotify_entries[] = {
    proc_constant("max_queued_events", "16384\n"),
    proc_constant("max_user_instances", "128\n"),
    proc_constant("max_user_watches", "65536\n"),
};
constexpr ProcEntry epoll_entries[] = {proc_constant("max_user_watches", "888888\n")};

// No namespaces can be made.
constexpr ProcEntry user_entries[] = {
    proc_constant("max_cgroup_namespaces", "0\n"), proc_constant("max_ipc_namespaces", "0\n"),
    proc_constant("max_mnt_namespaces", "0\n"),    proc_constant("max_net_namespaces", "0\n"),
    proc_constant("max_pid_namespaces", "0\n"),    proc_constant("max_time_namespaces", "0\n"),
    proc_constant("max_user_namespaces", "0\n"),   proc_constant("max_uts_namespaces", "0\n"),
};

constexpr ProcDirectory no_entries{};
constexpr ProcDirectory sys_directory{.entries = sys_entries};
constexpr ProcDirectory kernel_directory{.entries = kernel_entries};
constexpr ProcDirectory random_directory{.entries = random_entries};
constexpr ProcDirectory seccomp_directory{.entries = seccomp_entries};
constexpr ProcDirectory pty_directory{.entries = pty_entries};
constexpr ProcDirectory vm_directory{.entries = vm_entries};
constexpr ProcDirectory fs_directory{.entries = fs_entries};
constexpr ProcDirectory inotify_directory{.entries = inotify_entries};
constexpr ProcDirectory epoll_directory{.entries = epoll_entries};
constexpr ProcDirectory user_directory{.entries = user_entries};

}  // namespace

const ProcDirectory& sysctl_directory(ProcDir directory)
{
    switch (directory) {
        case ProcDir::sys:
            return sys_directory;
        case ProcDir::sys_kernel:
            return kernel_directory;
        case ProcDir::sys_kernel_random:
            return random_directory;
        case ProcDir::sys_kernel_seccomp:
            return seccomp_directory;
        case ProcDir::sys_kernel_pty:
            return pty_directory;
        case ProcDir::sys_vm:
            return vm_directory;
        case ProcDir::sys_fs:
            return fs_directory;
        case ProcDir::sys_fs_inotify:
            return inotify_directory;
        case ProcDir::sys_fs_epoll:
            return epoll_directory;
        case ProcDir::sys_user:
            return user_directory;
        default:
            return no_entries;
    }
}

}  // namespace norn
