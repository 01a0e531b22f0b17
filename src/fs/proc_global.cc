// Files of /proc about the whole machine: times, memory, processors.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "fs/proc.h"
#include "kernel/task.h"
#include "kernel/timer.h"
#include "kernel/uts.h"
#include "x86/cpuid.h"

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

/// Linux's names of the features in a register of cpuid, by bit; those that it does not name are empty.
using FeatureNames = std::array<std::string_view, 32>;
constexpr FeatureNames leaf1_edx = {"fpu",  "vme",   "de",   "pse",     "tsc",  "msr", "pae",  "mce",
                                    "cx8",  "apic",  "",     "sep",     "mtrr", "pge", "mca",  "cmov",
                                    "pat",  "pse36", "pn",   "clflush", "",     "dts", "acpi", "mmx",
                                    "fxsr", "sse",   "sse2", "ss",      "ht",   "tm",  "ia64", "pbe"};
constexpr FeatureNames leaf1_ecx = {"pni",    "pclmulqdq", "dtes64", "monitor", "ds_cpl",
                                    "vmx",    "smx",       "est",    "tm2",     "ssse3",
                                    "cid",    "sdbg",      "fma",    "cx16",    "xtpr",
                                    "pdcm",   "",          "pcid",   "dca",     "sse4_1",
                                    "sse4_2", "x2apic",    "movbe",  "popcnt",  "tsc_deadline_timer",
                                    "aes",    "xsave",     "",       "avx",     "f16c",
                                    "rdrand", "hypervisor"};
constexpr FeatureNames extended_edx = {"", "",         "",        "",        "",   "",   "",         "",
                                       "", "",         "",        "syscall", "",   "",   "",         "",
                                       "", "",         "",        "mp",      "nx", "",   "mmxext",   "",
                                       "", "fxsr_opt", "pdpe1gb", "rdtscp",  "",   "lm", "3dnowext", "3dnow"};
constexpr FeatureNames extended_ecx = {"lahf_lm", "cmp_legacy", "svm",         "extapic",      "cr8_legacy",
                                       "abm",     "sse4a",      "misalignsse", "3dnowprefetch"};

void add_features(std::string& flags, uint32_t bits, const FeatureNames& names)
{
    for (std::size_t bit = 0; bit < names.size(); ++bit)
        if ((bits >> bit & 1) && !names[bit].empty()) flags += fmt::format("{} ", names[bit]);
}

std::string cpu_flags()
{
    const x86::CpuidLeaf basic = x86::cpuid_leaf(1, 0);
    const x86::CpuidLeaf extended = x86::cpuid_leaf(0x80000001, 0);
    std::string flags;
    add_features(flags, basic.edx, leaf1_edx);
    add_features(flags, extended.edx, extended_edx);
    flags += "constant_tsc nopl cpuid ";  // what Linux finds out by itself
    add_features(flags, basic.ecx, leaf1_ecx);
    add_features(flags, extended.ecx, extended_ecx);
    flags.pop_back();
    return flags;
}

/// The text in the registers of some leaves.
std::string cpuid_text(std::span<const uint32_t> registers)
{
    const std::string text(reinterpret_cast<const char*>(registers.data()), registers.size_bytes());
    return text.c_str();
}

std::string cpu_vendor()
{
    const x86::CpuidLeaf leaf = x86::cpuid_leaf(0, 0);
    return cpuid_text(std::array{leaf.ebx, leaf.edx, leaf.ecx});
}

std::string cpu_brand()
{
    std::vector<uint32_t> registers;
    for (uint32_t number = 0x80000002; number <= 0x80000004; ++number) {
        const x86::CpuidLeaf leaf = x86::cpuid_leaf(number, 0);
        registers.insert(registers.end(), {leaf.eax, leaf.ebx, leaf.ecx, leaf.edx});
    }
    return cpuid_text(registers);
}

}  // namespace

ProcText proc_cpuinfo(const ProcView& view)
{
    const uint32_t cpus = view.m.state.limits.cpus;
    const x86::CpuidLeaf leaf = x86::cpuid_leaf(1, 0);
    const uint32_t sizes = x86::cpuid_leaf(0x80000008, 0).eax;
    const uint32_t model = (leaf.eax >> 4 & 0xf) | (leaf.eax >> 12 & 0xf0);
    std::string text;
    for (uint32_t cpu = 0; cpu < cpus; ++cpu) {
        text += fmt::format(
            "processor\t: {0}\nvendor_id\t: {1}\ncpu family\t: {2}\nmodel\t\t: {3}\n"
            "model name\t: {4}\nstepping\t: {5}\ncpu MHz\t\t: 2000.000\ncache size\t: {6} KB\n",
            cpu, cpu_vendor(), leaf.eax >> 8 & 0xf, model, cpu_brand(), leaf.eax & 0xf,
            x86::cpuid_leaf(0x80000006, 0).ecx >> 16);
        text += fmt::format(
            "physical id\t: 0\nsiblings\t: {1}\ncore id\t\t: {0}\ncpu cores\t: {1}\napicid\t\t: {0}\n"
            "initial apicid\t: {0}\nfpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: {2}\nwp\t\t: yes\n",
            cpu, cpus, x86::cpuid_leaf(0, 0).eax);
        text += fmt::format(
            "flags\t\t: {0}\nbugs\t\t:\nbogomips\t: 4000.00\nclflush size\t: {1}\ncache_alignment\t: {1}\n"
            "address sizes\t: {2} bits physical, {3} bits virtual\npower management:\n\n",
            cpu_flags(), (leaf.ebx >> 8 & 0xff) * 8, sizes & 0xff, sizes >> 8 & 0xff);
    }
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
