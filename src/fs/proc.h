// Files whose contents are made when they are read: /proc and /sys (proc(5), sysfs(5)).
//
//  G1  An inode of them names what it shows: the entry of a table, a process (held) and a number. It
//      holds nothing of what it shows, so it can be looked up anew at any time.
//  G2  Contents are made by the first read at offset 0 and kept with the open file until the next one.
//
// proc.cc walks the tables (proc_table.cc, sysfs.cc); the functions that make contents are in the other
// proc_*.cc files, by theme.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "fs/abi.h"
#include "fs/ops.h"

namespace norn {

/// What a generated file is asked: by whom, and about which task.
struct ProcView {
    Machine& m;
    TaskId reader;        ///< none: someone outside the machine, who may see all
    TaskId task;          ///< whose file it is; none: nobody's
    bool thread = false;  ///< reached through task/TID: the thread's own figures
    uint32_t number = 0;  ///< of an entry that is named by one: descriptor, processor

    [[nodiscard]] const Task& t() const { return m[task]; }
    [[nodiscard]] const Signal& process() const { return m[t().signal]; }
};

/// Directories of the tables.
enum class ProcDir : uint8_t {
    root,
    process,
    thread,
    tasks,
    fd,
    fdinfo,
    ns,
    attr,
    net,
    tty,
    sysvipc,
    pressure,
    sys,
    sys_kernel,
    sys_kernel_random,
    sys_kernel_seccomp,
    sys_kernel_pty,
    sys_vm,
    sys_fs,
    sys_fs_inotify,
    sys_fs_epoll,
    sys_user,
    sysfs_root,
    sysfs_devices,
    sysfs_system,
    sysfs_cpus,
    sysfs_cpu,
    sysfs_topology,
    sysfs_nodes,
    sysfs_node0,
    sysfs_kernel,
    sysfs_mm,
    sysfs_thp,
    sysfs_fs,
    sysfs_cgroup,
    count,
};

/// Who may open a file beyond what its mode bits say.
enum class ProcAccess : uint8_t {
    anyone,
    ptrace_read,  ///< who may look into the process (ptrace(2)): else EACCES
    with_memory,  ///< the same, and ESRCH for a process without memory (zombies)
    admin,        ///< CAP_SYS_ADMIN
};

/// Which of /proc/PID and /proc/PID/task/TID has an entry.
enum class ProcPlace : uint8_t { both, process, thread };

/// A row of the tables.
struct ProcEntry {
    std::string_view name = {};
    uint32_t mode = 0;               ///< with its type
    std::string_view constant = {};  ///< contents, or target of a link, if they never change
    /// Contents of a file, target of a link.
    Result<std::string> (*text)(const ProcView& view) = nullptr;
    /// What was written, at offset 0, in one piece.
    Result<> (*store)(const ProcView& view, std::string_view bytes) = nullptr;
    /// The place that a magic link leads to, held.
    Result<Path> (*follow)(const ProcView& view) = nullptr;
    ProcDir directory = ProcDir::count;
    ProcAccess access = ProcAccess::anyone;
    ProcPlace place = ProcPlace::both;
};

/// What a directory's numbered entries are named by.
enum class ProcNumbers : uint8_t { none, processes, threads, descriptors, processors };

struct ProcDirectory {
    std::span<const ProcEntry> entries = {};
    ProcNumbers numbers = ProcNumbers::none;
    ProcEntry numbered = {};  ///< what each of them is; its name is the prefix
};

[[nodiscard]] const ProcDirectory& proc_directory(ProcDir directory);

/// May `reader` look into `task` (PTRACE_MODE_READ_FSCREDS)?
[[nodiscard]] bool may_trace(const Machine& m, TaskId reader, TaskId task);

/// The process whose directory /proc/PID is open; none if it is any other file.
[[nodiscard]] PidId pid_of_proc_directory(const Machine& m, FileId file);

/// The contents of a file as they are now.
[[nodiscard]] Result<std::string> proc_contents(Machine& m, TaskId reader, InodeId file);

/// Reads and writes of /proc/PID/mem, whose contents are never made as text.
[[nodiscard]] Outcome<> proc_mem_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to,
                                      const uint64_t* pos);
[[nodiscard]] Outcome<> proc_pagemap_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to,
                                          const uint64_t* pos);
[[nodiscard]] Outcome<> proc_mem_write(Machine& m, TaskId self, FileId file, std::span<const IoVec> from,
                                       const uint64_t* pos);

// Rows as the tables write them.
constexpr ProcEntry proc_file(std::string_view name, uint32_t permissions,
                              Result<std::string> (*text)(const ProcView&),
                              ProcAccess access = ProcAccess::anyone, ProcPlace place = ProcPlace::both)
{
    return {.name = name, .mode = s_ifreg | permissions, .text = text, .access = access, .place = place};
}
constexpr ProcEntry proc_store(std::string_view name, uint32_t permissions,
                               Result<std::string> (*text)(const ProcView&),
                               Result<> (*store)(const ProcView&, std::string_view),
                               ProcPlace place = ProcPlace::both)
{
    return {.name = name, .mode = s_ifreg | permissions, .text = text, .store = store, .place = place};
}
constexpr ProcEntry proc_constant(std::string_view name, std::string_view contents,
                                  uint32_t permissions = 0444)
{
    return {.name = name, .mode = s_ifreg | permissions, .constant = contents};
}
constexpr ProcEntry proc_dir(std::string_view name, ProcDir directory, uint32_t permissions = 0555,
                             ProcPlace place = ProcPlace::both)
{
    return {.name = name, .mode = s_ifdir | permissions, .directory = directory, .place = place};
}
constexpr ProcEntry proc_link(std::string_view name, Result<std::string> (*text)(const ProcView&),
                              Result<Path> (*follow)(const ProcView&) = nullptr)
{
    return {.name = name, .mode = s_iflnk | 0777, .text = text, .follow = follow};
}

/// Rows of /sys.
[[nodiscard]] const ProcDirectory& sysfs_directory(ProcDir directory);

/// What write(2) to a numeric file takes: blanks, a number, blanks. EINVAL.
[[nodiscard]] Result<int64_t> parse_number(std::string_view text);
/// "0-3,5" as the kernel prints sets of processors.
[[nodiscard]] std::string cpu_list(uint64_t mask);

// Contents, by theme. Each is what its file in proc(5) is.
using ProcText = Result<std::string>;

// proc_stat.cc
ProcText proc_stat(const ProcView& view);
ProcText proc_statm(const ProcView& view);
ProcText proc_status(const ProcView& view);
ProcText proc_limits(const ProcView& view);
ProcText proc_sched(const ProcView& view);
ProcText proc_schedstat(const ProcView& view);
ProcText proc_wchan(const ProcView& view);
ProcText proc_syscall(const ProcView& view);
ProcText proc_children(const ProcView& view);

// proc_mem.cc
ProcText proc_cmdline(const ProcView& view);
ProcText proc_environ(const ProcView& view);
ProcText proc_auxv(const ProcView& view);
ProcText proc_maps(const ProcView& view);
ProcText proc_smaps(const ProcView& view);
ProcText proc_smaps_rollup(const ProcView& view);
struct MemoryUse {
    uint64_t anon = 0, file = 0, shmem = 0;  ///< resident pages
    [[nodiscard]] uint64_t total() const { return anon + file + shmem; }
};
[[nodiscard]] MemoryUse resident_of(const Machine& m, MmId mm);

// proc_base.cc
ProcText proc_comm(const ProcView& view);
Result<> proc_store_comm(const ProcView& view, std::string_view bytes);
ProcText proc_personality(const ProcView& view);
ProcText proc_oom_score(const ProcView& view);
ProcText proc_oom_adj(const ProcView& view);
Result<> proc_store_oom_adj(const ProcView& view, std::string_view bytes);
ProcText proc_oom_score_adj(const ProcView& view);
Result<> proc_store_oom_score_adj(const ProcView& view, std::string_view bytes);
ProcText proc_timerslack(const ProcView& view);
Result<> proc_store_timerslack(const ProcView& view, std::string_view bytes);
ProcText proc_timers(const ProcView& view);
ProcText proc_self(const ProcView& view);
ProcText proc_thread_self(const ProcView& view);

// proc_fd.cc
ProcText proc_fd_text(const ProcView& view);
Result<Path> proc_fd_follow(const ProcView& view);
ProcText proc_fdinfo(const ProcView& view);
ProcText proc_exe_text(const ProcView& view);
Result<Path> proc_exe_follow(const ProcView& view);
ProcText proc_cwd_text(const ProcView& view);
Result<Path> proc_cwd_follow(const ProcView& view);
ProcText proc_root_text(const ProcView& view);
Result<Path> proc_root_follow(const ProcView& view);
ProcText proc_mounts(const ProcView& view);
ProcText proc_mountinfo(const ProcView& view);
ProcText proc_locks(const ProcView& view);

// proc_global.cc
ProcText proc_cpuinfo(const ProcView& view);
ProcText proc_kernel_stat(const ProcView& view);
ProcText proc_loadavg(const ProcView& view);
ProcText proc_meminfo(const ProcView& view);
ProcText proc_uptime(const ProcView& view);
ProcText proc_version(const ProcView& view);
ProcText proc_vmstat(const ProcView& view);
ProcText proc_filesystems(const ProcView& view);

// proc_sysctl.cc
[[nodiscard]] const ProcDirectory& sysctl_directory(ProcDir directory);

}  // namespace norn
