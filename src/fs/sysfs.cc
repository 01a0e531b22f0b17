// /sys: processors, the one memory node, and an empty control group hierarchy. Nothing else is there.
#include <fmt/format.h>

#include "fs/proc.h"

namespace norn {

namespace {

uint64_t all_processors(const ProcView& view)
{
    const uint32_t cpus = view.m.state.limits.cpus;
    return cpus >= 64 ? ~0ull : (1ull << cpus) - 1;
}

ProcText processors(const ProcView& view)
{
    return cpu_list(all_processors(view)) + "\n";
}

ProcText processor_mask(const ProcView& view)
{
    return fmt::format("{:x}\n", all_processors(view));
}

ProcText this_processor(const ProcView& view)
{
    return fmt::format("{}\n", view.number);
}

ProcText this_processor_mask(const ProcView& view)
{
    return fmt::format("{:x}\n", 1ull << view.number);
}

ProcText node_memory(const ProcView& view)
{
    const uint64_t total = view.m.state.limits.memory_pages * 4, used = view.m.state.used_pages * 4;
    return fmt::format(
        "Node 0 MemTotal:       {:8} kB\nNode 0 MemFree:        {:8} kB\nNode 0 MemUsed:        {:8} kB\n",
        total, total - used, used);
}

constexpr ProcEntry root_entries[] = {
    proc_dir("devices", ProcDir::sysfs_devices),
    proc_dir("fs", ProcDir::sysfs_fs),
    proc_dir("kernel", ProcDir::sysfs_kernel),
};
constexpr ProcEntry devices_entries[] = {proc_dir("system", ProcDir::sysfs_system)};
constexpr ProcEntry system_entries[] = {
    proc_dir("cpu", ProcDir::sysfs_cpus),
    proc_dir("node", ProcDir::sysfs_nodes),
};
constexpr ProcEntry cpus_entries[] = {
    proc_constant("isolated", "\n"),         proc_constant("kernel_max", "63\n"),
    proc_constant("offline", "\n"),          proc_file("online", 0444, processors),
    proc_file("possible", 0444, processors), proc_file("present", 0444, processors),
};
constexpr ProcEntry cpu_entries[] = {
    proc_constant("online", "1\n"),
    proc_dir("topology", ProcDir::sysfs_topology),
};
constexpr ProcEntry topology_entries[] = {
    proc_file("core_id", 0444, this_processor),
    proc_file("core_siblings", 0444, processor_mask),
    proc_file("core_siblings_list", 0444, processors),
    proc_constant("physical_package_id", "0\n"),
    proc_file("thread_siblings", 0444, this_processor_mask),
    proc_file("thread_siblings_list", 0444, this_processor),
};
constexpr ProcEntry nodes_entries[] = {
    proc_constant("has_cpu", "0\n"),         proc_constant("has_normal_memory", "0\n"),
    proc_constant("online", "0\n"),          proc_constant("possible", "0\n"),
    proc_dir("node0", ProcDir::sysfs_node0),
};
constexpr ProcEntry node0_entries[] = {
    proc_file("cpulist", 0444, processors),
    proc_file("cpumap", 0444, processor_mask),
    proc_constant("distance", "10\n"),
    proc_file("meminfo", 0444, node_memory),
};
constexpr ProcEntry kernel_entries[] = {proc_dir("mm", ProcDir::sysfs_mm)};
constexpr ProcEntry mm_entries[] = {proc_dir("transparent_hugepage", ProcDir::sysfs_thp)};
constexpr ProcEntry thp_entries[] = {
    proc_constant("defrag", "always defer defer+madvise madvise [never]\n"),
    proc_constant("enabled", "always madvise [never]\n"),
    proc_constant("hpage_pmd_size", "2097152\n"),
    proc_constant("shmem_enabled", "always within_size advise [never] deny force\n"),
};
constexpr ProcEntry fs_entries[] = {proc_dir("cgroup", ProcDir::sysfs_cgroup)};

constexpr ProcDirectory no_entries{};
constexpr ProcDirectory root_directory{.entries = root_entries};
constexpr ProcDirectory devices_directory{.entries = devices_entries};
constexpr ProcDirectory system_directory{.entries = system_entries};
constexpr ProcDirectory cpus_directory{.entries = cpus_entries,
                                       .numbers = ProcNumbers::processors,
                                       .numbered = proc_dir("cpu", ProcDir::sysfs_cpu)};
constexpr ProcDirectory cpu_directory{.entries = cpu_entries};
constexpr ProcDirectory topology_directory{.entries = topology_entries};
constexpr ProcDirectory nodes_directory{.entries = nodes_entries};
constexpr ProcDirectory node0_directory{.entries = node0_entries};
constexpr ProcDirectory kernel_directory{.entries = kernel_entries};
constexpr ProcDirectory mm_directory{.entries = mm_entries};
constexpr ProcDirectory thp_directory{.entries = thp_entries};
constexpr ProcDirectory fs_directory{.entries = fs_entries};

}  // namespace

const ProcDirectory& sysfs_directory(ProcDir directory)
{
    switch (directory) {
        case ProcDir::sysfs_root:
            return root_directory;
        case ProcDir::sysfs_devices:
            return devices_directory;
        case ProcDir::sysfs_system:
            return system_directory;
        case ProcDir::sysfs_cpus:
            return cpus_directory;
        case ProcDir::sysfs_cpu:
            return cpu_directory;
        case ProcDir::sysfs_topology:
            return topology_directory;
        case ProcDir::sysfs_nodes:
            return nodes_directory;
        case ProcDir::sysfs_node0:
            return node0_directory;
        case ProcDir::sysfs_kernel:
            return kernel_directory;
        case ProcDir::sysfs_mm:
            return mm_directory;
        case ProcDir::sysfs_thp:
            return thp_directory;
        case ProcDir::sysfs_fs:
            return fs_directory;
        default:
            return no_entries;
    }
}

}  // namespace norn
