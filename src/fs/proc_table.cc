// The tables of /proc, as proc(5) and the listings of a Linux 6.18 have them.
#include "fs/proc.h"

namespace norn {

namespace {

constexpr std::string_view unset_id = "4294967295";
constexpr auto read_access = ProcAccess::ptrace_read;
constexpr auto memory_access = ProcAccess::with_memory;
constexpr auto process_only = ProcPlace::process;
constexpr auto thread_only = ProcPlace::thread;

/// A constant link whose target tells which namespace (namespaces(7)); the initial ones.
constexpr ProcEntry namespace_link(std::string_view name, std::string_view target)
{
    return {.name = name, .mode = s_iflnk | 0777, .constant = target};
}

constexpr ProcEntry constant_link(std::string_view name, std::string_view target)
{
    return {.name = name, .mode = s_iflnk | 0777, .constant = target};
}

ProcText no_attribute(const ProcView& /*view*/)
{
    return EINVAL;  // no security module
}

constexpr ProcEntry root_entries[] = {
    proc_link("self", proc_self),
    proc_link("thread-self", proc_thread_self),
    constant_link("mounts", "self/mounts"),
    constant_link("net", "self/net"),
    proc_dir("sys", ProcDir::sys),
    proc_dir("tty", ProcDir::tty),
    proc_dir("sysvipc", ProcDir::sysvipc),
    proc_dir("pressure", ProcDir::pressure),
    proc_file("cpuinfo", 0444, proc_cpuinfo),
    proc_file("loadavg", 0444, proc_loadavg),
    proc_file("locks", 0444, proc_locks),
    proc_file("meminfo", 0444, proc_meminfo),
    proc_file("stat", 0444, proc_kernel_stat),
    proc_file("uptime", 0444, proc_uptime),
    proc_file("version", 0444, proc_version),
    proc_file("vmstat", 0444, proc_vmstat),
    proc_file("filesystems", 0444, proc_filesystems),
    proc_constant("cmdline", "quiet\n"),
    proc_constant("swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"),
    proc_constant("partitions", "major minor  #blocks  name\n\n"),
    proc_constant("diskstats", ""),
    proc_constant("interrupts", ""),
    proc_constant("execdomains", "0-0\tLinux           \t[kernel]\n"),
    proc_constant("devices",
                  "Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/console\n136 pts\n\nBlock devices:\n"),
    proc_constant("cgroups", "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"),
};

constexpr ProcEntry process_entries[] = {
    proc_dir("task", ProcDir::tasks, 0555, process_only),
    proc_dir("fd", ProcDir::fd, 0500),
    proc_dir("fdinfo", ProcDir::fdinfo),
    proc_dir("ns", ProcDir::ns, 0511),
    proc_dir("net", ProcDir::net),
    proc_dir("attr", ProcDir::attr),
    proc_link("cwd", proc_cwd_text, proc_cwd_follow),
    proc_link("root", proc_root_text, proc_root_follow),
    proc_link("exe", proc_exe_text, proc_exe_follow),
    proc_file("auxv", 0400, proc_auxv, memory_access),
    proc_file("cmdline", 0444, proc_cmdline),
    proc_file("environ", 0400, proc_environ, memory_access),
    proc_file("maps", 0444, proc_maps, read_access),
    proc_file("smaps", 0444, proc_smaps, read_access),
    proc_file("smaps_rollup", 0444, proc_smaps_rollup, memory_access),
    proc_file("mem", 0600, nullptr, memory_access),
    proc_file("pagemap", 0400, nullptr, memory_access),
    proc_file("stat", 0444, proc_stat),
    proc_file("statm", 0444, proc_statm),
    proc_file("status", 0444, proc_status),
    proc_file("limits", 0444, proc_limits),
    proc_file("sched", 0444, proc_sched),
    proc_file("schedstat", 0444, proc_schedstat),
    proc_file("wchan", 0444, proc_wchan),
    proc_file("syscall", 0400, proc_syscall, read_access),
    proc_file("children", 0444, proc_children, ProcAccess::anyone, thread_only),
    proc_file("personality", 0400, proc_personality, read_access),
    proc_file("timers", 0444, proc_timers, read_access, process_only),
    proc_file("mounts", 0444, proc_mounts),
    proc_file("mountinfo", 0444, proc_mountinfo),
    proc_file("oom_score", 0444, proc_oom_score),
    proc_store("oom_adj", 0644, proc_oom_adj, proc_store_oom_adj),
    proc_store("oom_score_adj", 0644, proc_oom_score_adj, proc_store_oom_score_adj),
    proc_store("comm", 0644, proc_comm, proc_store_comm),
    proc_store("timerslack_ns", 0666, proc_timerslack, proc_store_timerslack, process_only),
    proc_constant("cgroup", "0::/\n"),
    proc_constant("cpuset", "/\n"),
    proc_constant("loginuid", unset_id),
    proc_constant("sessionid", unset_id),
    proc_constant("coredump_filter", "00000033\n"),
    proc_constant("uid_map", "         0          0 4294967295\n"),
    proc_constant("gid_map", "         0          0 4294967295\n"),
    proc_constant("projid_map", "         0          0 4294967295\n"),
    proc_constant("setgroups", "allow\n"),
    proc_constant("timens_offsets", "monotonic           0         0\nboottime            0         0\n"),
};

// The initial namespaces' numbers (proc_ns.h).
constexpr ProcEntry ns_entries[] = {
    namespace_link("cgroup", "cgroup:[4026531835]"), namespace_link("ipc", "ipc:[4026531839]"),
    namespace_link("mnt", "mnt:[4026531832]"),       namespace_link("net", "net:[4026531833]"),
    namespace_link("pid", "pid:[4026531836]"),       namespace_link("pid_for_children", "pid:[4026531836]"),
    namespace_link("time", "time:[4026531834]"),     namespace_link("time_for_children", "time:[4026531834]"),
    namespace_link("user", "user:[4026531837]"),     namespace_link("uts", "uts:[4026531838]"),
};

constexpr ProcEntry attr_entries[] = {
    proc_file("current", 0666, no_attribute),  proc_file("exec", 0666, no_attribute),
    proc_file("fscreate", 0666, no_attribute), proc_file("keycreate", 0666, no_attribute),
    proc_file("prev", 0444, no_attribute),     proc_file("sockcreate", 0666, no_attribute),
};

// A loopback interface that nothing passes through, and no sockets of the internet.
constexpr ProcEntry net_entries[] = {
    proc_constant(
        "dev",
        "Inter-|   Receive                                                |  Transmit\n"
        " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop "
        "fifo colls carrier compressed\n"
        "    lo:       0       0    0    0    0     0          0         0        0       0    0    0 "
        "   0     0       0          0\n"),
    proc_constant("tcp",
                  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
                  "timeout inode                                                     \n"),
    proc_constant(
        "tcp6",
        "  sl  local_address                         remote_address                        st tx_queue "
        "rx_queue tr tm->when retrnsmt   uid  timeout inode\n"),
    proc_constant("udp",
                  "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
                  "timeout inode ref pointer drops             \n"),
    proc_constant(
        "udp6",
        "  sl  local_address                         remote_address                        st tx_queue "
        "rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n"),
    proc_constant("unix", "Num       RefCount Protocol Flags    Type St Inode Path\n"),
    proc_constant("route",
                  "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT "
                  "                                                      \n"),
    proc_constant("if_inet6", "00000000000000000000000000000001 01 80 10 80       lo\n"),
};

constexpr ProcEntry tty_entries[] = {
    proc_constant("drivers",
                  "/dev/tty             /dev/tty        5       0 system:/dev/tty\n"
                  "/dev/console         /dev/console    5       1 system:console\n"
                  "pty_slave            /dev/pts      136 0-1048575 pty:slave\n"),
};

constexpr ProcEntry sysvipc_entries[] = {
    proc_constant("msg",
                  "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid "
                  "     stime      rtime      ctime\n"),
    proc_constant("sem",
                  "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n"),
    proc_constant(
        "shm",
        "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid   "
        "   atime      dtime      ctime                   rss                  swap\n"),
};

constexpr std::string_view no_pressure =
    "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";
constexpr ProcEntry pressure_entries[] = {
    proc_constant("cpu", no_pressure),
    proc_constant("io", no_pressure),
    proc_constant("memory", no_pressure),
};

constexpr ProcDirectory root_directory{
    .entries = root_entries, .numbers = ProcNumbers::processes, .numbered = proc_dir("", ProcDir::process)};
constexpr ProcDirectory process_directory{.entries = process_entries};
constexpr ProcDirectory tasks_directory{.numbers = ProcNumbers::threads,
                                        .numbered = proc_dir("", ProcDir::thread)};
constexpr ProcDirectory fd_directory{.numbers = ProcNumbers::descriptors,
                                     .numbered = proc_link("", proc_fd_text, proc_fd_follow)};
constexpr ProcDirectory fdinfo_directory{.numbers = ProcNumbers::descriptors,
                                         .numbered = proc_file("", 0444, proc_fdinfo)};
constexpr ProcDirectory ns_directory{.entries = ns_entries};
constexpr ProcDirectory attr_directory{.entries = attr_entries};
constexpr ProcDirectory net_directory{.entries = net_entries};
constexpr ProcDirectory tty_directory{.entries = tty_entries};
constexpr ProcDirectory sysvipc_directory{.entries = sysvipc_entries};
constexpr ProcDirectory pressure_directory{.entries = pressure_entries};

}  // namespace

const ProcDirectory& proc_directory(ProcDir directory)
{
    switch (directory) {
        case ProcDir::root:
            return root_directory;
        case ProcDir::process:
        case ProcDir::thread:
            return process_directory;
        case ProcDir::tasks:
            return tasks_directory;
        case ProcDir::fd:
            return fd_directory;
        case ProcDir::fdinfo:
            return fdinfo_directory;
        case ProcDir::ns:
            return ns_directory;
        case ProcDir::attr:
            return attr_directory;
        case ProcDir::net:
            return net_directory;
        case ProcDir::tty:
            return tty_directory;
        case ProcDir::sysvipc:
            return sysvipc_directory;
        case ProcDir::pressure:
            return pressure_directory;
        default:
            return directory < ProcDir::sysfs_root ? sysctl_directory(directory) : sysfs_directory(directory);
    }
}

}  // namespace norn
