// Files of /proc about the whole machine: times, memory, processors.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fs/proc.h"
#include "kernel/task.h"
#include "kernel/timer.h"
#include "kernel/uts.h"

namespace norn {

namespace {

constexpr uint64_t ns_per_tick = 10'000'000;

/// Time that the processors spent, summed over the tasks that are or were there.
struct Spent {
    uint64_t user = 0, system = 0, idle = 0;  ///< ticks of all processors
};

Spent spent_in(const Machine& m)
{
    uint64_t user_ns = 0, system_ns = 0;
    m.pool<Task>().each([&](TaskId, const Task& task) {
        user_ns += task.utime_ns;
        system_ns += task.stime_ns;
    });
    m.pool<Signal>().each([&](SignalId, const Signal& process) {
        user_ns += process.utime_ns + process.cutime_ns;
        system_ns += process.stime_ns + process.cstime_ns;
    });
    const uint64_t all_ns = monotonic_ns(m) * m.state.limits.cpus;
    Spent spent{user_ns / ns_per_tick, system_ns / ns_per_tick, 0};
    spent.idle = all_ns / ns_per_tick - std::min(all_ns / ns_per_tick, spent.user + spent.system);
    return spent;
}

std::string cpu_line(std::string_view name, uint64_t user, uint64_t system, uint64_t idle)
{
    return fmt::format("{} {} 0 {} {} 0 0 0 0 0 0\n", name, user, system, idle);
}

uint32_t running_tasks(const Machine& m)
{
    uint32_t running = 0;
    m.pool<Task>().each([&](TaskId, const Task& task) { running += task.state == TaskState::running; });
    return running;
}

uint64_t file_pages(const Machine& m)
{
    uint64_t pages = 0;
    m.pool<Inode>().each([&](InodeId, const Inode& inode) {
        if (inode.pages && inode.kind == InodeKind::memory) pages += inode.size / 4096;
    });
    return std::min(pages, m.state.used_pages);
}

std::string seconds_with_hundredths(uint64_t ns)
{
    return fmt::format("{}.{:02}", ns / 1'000'000'000, ns / ns_per_tick % 100);
}

/// What cpuid shows to guests (x86-64-v2).
constexpr std::string_view cpu_flags =
    "fpu tsc cx8 cmov clflush mmx fxsr sse sse2 syscall nx rdtscp lm constant_tsc nopl cpuid pni ssse3 cx16 "
    "sse4_1 sse4_2 popcnt hypervisor lahf_lm";

}  // namespace

ProcText proc_cpuinfo(const ProcView& view)
{
    const uint32_t cpus = view.m.state.limits.cpus;
    std::string text;
    for (uint32_t cpu = 0; cpu < cpus; ++cpu)
        text += fmt::format(
            "processor\t: {0}\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 44\n"
            "model name\t: Norn virtual processor\nstepping\t: 0\ncpu MHz\t\t: 2000.000\ncache size\t: 4096 "
            "KB\n"
            "physical id\t: 0\nsiblings\t: {1}\ncore id\t\t: {0}\ncpu cores\t: {1}\napicid\t\t: {0}\n"
            "initial apicid\t: {0}\nfpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: 7\nwp\t\t: yes\n"
            "flags\t\t: {2}\nbugs\t\t:\nbogomips\t: 4000.00\nclflush size\t: 64\ncache_alignment\t: 64\n"
            "address sizes\t: 48 bits physical, 48 bits virtual\npower management:\n\n",
            cpu, cpus, cpu_flags);
    return text;
}

ProcText proc_kernel_stat(const ProcView& view)
{
    const Machine& m = view.m;
    const uint32_t cpus = m.state.limits.cpus;
    const Spent spent = spent_in(m);
    std::string text = cpu_line("cpu ", spent.user, spent.system, spent.idle);
    for (uint32_t cpu = 0; cpu < cpus; ++cpu)
        text +=
            cpu_line(fmt::format("cpu{}", cpu), spent.user / cpus, spent.system / cpus, spent.idle / cpus);
    const int64_t boot_s = m.state.realtime_offset_ns / 1'000'000'000;
    text += fmt::format(
        "intr 0\nctxt {}\nbtime {}\nprocesses {}\nprocs_running {}\nprocs_blocked 0\n"
        "softirq 0 0 0 0 0 0 0 0 0 0 0\n",
        m.state.context_switches, boot_s, m.state.total_forks, std::max(1u, running_tasks(m)));
    return text;
}

// A virtual machine of virtual time has no load to average: what runs now stands for it.
ProcText proc_loadavg(const ProcView& view)
{
    const Machine& m = view.m;
    return fmt::format("0.00 0.00 0.00 {}/{} {}\n", std::max(1u, running_tasks(m)), m.state.task_count,
                       m.state.last_pid);
}

ProcText proc_meminfo(const ProcView& view)
{
    const Machine& m = view.m;
    const uint64_t total = m.state.limits.memory_pages;
    const uint64_t used = std::min(total, m.state.used_pages), cached = file_pages(m);
    const uint64_t free_pages = total - used, anon = used - cached;
    const auto line = [](std::string_view name, uint64_t pages) {
        return fmt::format("{:<15} {:8} kB\n", std::string(name) + ":", pages * 4);
    };
    std::string text =
        line("MemTotal", total) + line("MemFree", free_pages) + line("MemAvailable", free_pages + cached) +
        line("Buffers", 0) + line("Cached", cached) + line("SwapCached", 0) + line("Active", anon) +
        line("Inactive", cached) + line("Active(anon)", anon) + line("Inactive(anon)", 0) +
        line("Active(file)", 0) + line("Inactive(file)", cached) + line("Unevictable", 0) +
        line("Mlocked", 0) + line("SwapTotal", 0) + line("SwapFree", 0) + line("Dirty", 0) +
        line("Writeback", 0) + line("AnonPages", anon) + line("Mapped", 0) + line("Shmem", 0) +
        line("KReclaimable", 0) + line("Slab", 0) + line("SReclaimable", 0) + line("SUnreclaim", 0) +
        line("KernelStack", 0) + line("PageTables", 0) + line("NFS_Unstable", 0) + line("Bounce", 0) +
        line("WritebackTmp", 0) + line("CommitLimit", total / 2) +
        line("Committed_AS", m.state.committed_pages) + line("VmallocTotal", 0) + line("VmallocUsed", 0) +
        line("VmallocChunk", 0) + line("Percpu", 0) + line("AnonHugePages", 0);
    text +=
        "HugePages_Total:       0\nHugePages_Free:        0\nHugePages_Rsvd:        0\n"
        "HugePages_Surp:        0\nHugepagesize:       2048 kB\nHugetlb:               0 kB\n";
    return text;
}

ProcText proc_uptime(const ProcView& view)
{
    const Spent spent = spent_in(view.m);
    return fmt::format("{} {}\n", seconds_with_hundredths(monotonic_ns(view.m)),
                       seconds_with_hundredths(spent.idle * ns_per_tick));
}

ProcText proc_version(const ProcView& /*view*/)
{
    return fmt::format("Linux version {} (norn@norn) (gcc) {}\n", uts_release, uts_version);
}

ProcText proc_vmstat(const ProcView& view)
{
    const Machine& m = view.m;
    const uint64_t free_pages =
        m.state.limits.memory_pages - std::min(m.state.limits.memory_pages, m.state.used_pages);
    uint64_t faults = 0, major = 0;
    m.pool<Task>().each([&](TaskId, const Task& task) {
        faults += task.min_flt + task.maj_flt;
        major += task.maj_flt;
    });
    return fmt::format(
        "nr_free_pages {}\nnr_file_pages {}\nnr_dirty 0\nnr_writeback 0\nnr_slab_reclaimable 0\n"
        "nr_slab_unreclaimable 0\npgpgin 0\npgpgout 0\npswpin 0\npswpout 0\npgfault {}\n"
        "pgmajfault {}\noom_kill 0\n",
        free_pages, file_pages(m), faults, major);
}

ProcText proc_filesystems(const ProcView& /*view*/)
{
    return std::string(
        "nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tcgroup2\nnodev\tdevtmpfs\nnodev\tsockfs\n"
        "nodev\tpipefs\nnodev\tdevpts\nnodev\toverlay\n");
}

}  // namespace norn
