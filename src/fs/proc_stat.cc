// /proc/PID/stat, status and their kin: what a task is and has used.
#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "fs/proc.h"
#include "fs/tty.h"
#include "kernel/task.h"
#include "kernel/timer.h"
#include "kernel/wait_queue.h"

namespace norn {

namespace {

constexpr uint64_t ns_per_tick = 10'000'000;
constexpr uint64_t infinity = ~0ull;
constexpr uint32_t kib_per_page = 4;
constexpr int rlimit_rss = 5, rlimit_sigpending = 11;

struct StateName {
    char letter;
    std::string_view word;
};

StateName state_name(TaskState state)
{
    switch (state) {
        case TaskState::running:
            return {'R', "running"};
        case TaskState::interruptible:
            return {'S', "sleeping"};
        case TaskState::uninterruptible:
            return {'D', "disk sleep"};
        case TaskState::stopped:
            return {'T', "stopped"};
        case TaskState::traced:
            return {'t', "tracing stop"};
        case TaskState::zombie:
            return {'Z', "zombie"};
        case TaskState::dead:
            break;
    }
    return {'X', "dead"};
}

uint32_t number_of(const Machine& m, PidId pid)
{
    return pid ? m[pid].number : 0;
}

std::string comm_of(const Task& task)
{
    const auto end = std::find(task.comm.begin(), task.comm.end(), '\0');
    return {task.comm.begin(), end};
}

/// What a thread, or all threads of a process that ever were, used.
struct Usage {
    uint64_t utime_ns = 0, stime_ns = 0, min_flt = 0, maj_flt = 0;
};

Usage usage_of(const ProcView& view)
{
    const Task& task = view.t();
    if (view.thread) return {task.utime_ns, task.stime_ns, task.min_flt, task.maj_flt};
    const Signal& process = view.process();
    Usage sum{process.utime_ns, process.stime_ns, process.min_flt, process.maj_flt};
    for (TaskId thread = process.first_thread; thread; thread = view.m[thread].next_thread) {
        const Task& one = view.m[thread];
        sum.utime_ns += one.utime_ns;
        sum.stime_ns += one.stime_ns;
        sum.min_flt += one.min_flt;
        sum.maj_flt += one.maj_flt;
    }
    return sum;
}

/// PF_… flags of sched.h that programs know.
uint32_t kernel_flags(const Task& task)
{
    constexpr uint32_t pf_exiting = 4, pf_forknoexec = 0x40, pf_signaled = 0x400, pf_kthread = 0x200000,
                       pf_randomize = 0x400000;
    uint32_t flags = task.flags & task_kernel_init ? pf_kthread : pf_randomize;
    if (task.flags & task_forked_no_exec) flags |= pf_forknoexec;
    if (task.flags & task_exiting) flags |= pf_exiting;
    if (task.flags & task_signaled) flags |= pf_signaled;
    return flags;
}

struct SignalMasks {
    SigSet ignored = 0, caught = 0;
};

SignalMasks masks_of(const Machine& m, const Task& task)
{
    SignalMasks masks;
    if (!task.sighand) return masks;
    for (int signal = 1; signal <= 64; ++signal) {
        const uint64_t handler = m[task.sighand].action[static_cast<std::size_t>(signal - 1)].handler;
        if (handler == 1) masks.ignored |= sig_bit(signal);
        if (handler > 1) masks.caught |= sig_bit(signal);
    }
    return masks;
}

int32_t priority_of(const Task& task)
{
    return task.rt_priority > 0 ? -1 - task.rt_priority : 20 + task.nice;
}

uint32_t thread_count(const Machine& m, const Signal& process)
{
    uint32_t count = 0;
    for (TaskId thread = process.first_thread; thread; thread = m[thread].next_thread) ++count;
    return count;
}

uint32_t parent_number(const Machine& m, const Task& task)
{
    return task.real_parent ? tgid_nr(m, task.real_parent) : 0;
}

std::string terminal_fields(const Machine& m, TtyId tty)
{
    if (!tty) return "0 -1";
    const uint64_t rdev = tty_rdev(m, tty);
    return fmt::format("{} {}", rdev,
                       m[tty].foreground ? static_cast<int64_t>(m[m[tty].foreground].number) : -1);
}

/// Fields 26 to 28 and 45 to 51: addresses, for those who may look into the process.
struct Addresses {
    std::string code = "0 0 0", data = "0 0 0 0 0 0 0";
};

Addresses addresses_of(const ProcView& view, bool permitted)
{
    const MmId id = view.t().mm;
    if (!id) return {};
    if (!permitted) return {.code = "1 1 0"};
    const Mm& mm = view.m[id];
    return {fmt::format("{} {} {}", mm.start_code, mm.end_code, mm.start_stack),
            fmt::format("{} {} {} {} {} {} {}", mm.start_data, mm.end_data, mm.start_brk, mm.arg_start,
                        mm.arg_end, mm.env_start, mm.env_end)};
}

uint32_t fd_table_size(const Files& files)
{
    constexpr uint32_t least = 64;
    return files.highest <= least ? least : std::max(256u, std::bit_ceil(files.highest));
}

std::string status_ids(const ProcView& view)
{
    const Machine& m = view.m;
    const Task& task = view.t();
    const Cred& cred = m[task.cred];
    std::string groups;
    for (uint32_t i = 0; i < cred.group_count; ++i) groups += fmt::format("{} ", cred.groups[i]);
    if (groups.empty()) groups = " ";
    const Signal& process = view.process();
    const uint32_t tgid = tgid_nr(m, view.task), pid = pid_nr(m, view.task);
    return fmt::format(
        "Tgid:\t{}\nNgid:\t0\nPid:\t{}\nPPid:\t{}\nTracerPid:\t0\n"
        "Uid:\t{}\t{}\t{}\t{}\nGid:\t{}\t{}\t{}\t{}\nFDSize:\t{}\nGroups:\t{}\n"
        "NStgid:\t{}\nNSpid:\t{}\nNSpgid:\t{}\nNSsid:\t{}\nKthread:\t{}\n",
        tgid, pid, parent_number(m, task), cred.uid, cred.euid, cred.suid, cred.fsuid, cred.gid, cred.egid,
        cred.sgid, cred.fsgid, task.files ? fd_table_size(m[task.files]) : 0, groups, tgid, pid,
        number_of(m, process.pgrp), number_of(m, process.session), task.flags & task_kernel_init ? 1 : 0);
}

std::string status_memory(const ProcView& view)
{
    const MmId id = view.t().mm;
    if (!id) return {};
    const Mm& mm = view.m[id];
    const MemoryUse rss = resident_of(view.m, id);
    const auto line = [](std::string_view name, uint64_t pages) {
        return fmt::format("{}:\t{:8} kB\n", name, pages * kib_per_page);
    };
    const uint64_t text = (mm.end_code + 4095) / 4096 - mm.start_code / 4096;
    const uint64_t peak = std::max(mm.hiwater_rss, rss.total());
    return line("VmPeak", mm.total_pages) + line("VmSize", mm.total_pages) + line("VmLck", mm.locked_pages) +
           line("VmPin", 0) + line("VmHWM", peak) + line("VmRSS", rss.total()) + line("RssAnon", rss.anon) +
           line("RssFile", rss.file) + line("RssShmem", rss.shmem) + line("VmData", mm.data_pages) +
           line("VmStk", mm.stack_pages) + line("VmExe", text) + line("VmLib", 0) + line("VmPTE", 0) +
           line("VmSwap", 0) + line("HugetlbPages", 0) +
           "CoreDumping:\t0\nTHP_enabled:\t0\nuntag_mask:\t0xffffffffffffffff\n";
}

std::string status_signals(const ProcView& view)
{
    const Task& task = view.t();
    const Signal& process = view.process();
    const SignalMasks masks = masks_of(view.m, task);
    const uint64_t most = process.rlimit[rlimit_sigpending].soft;
    return fmt::format(
        "SigQ:\t{}/{}\nSigPnd:\t{:016x}\nShdPnd:\t{:016x}\nSigBlk:\t{:016x}\nSigIgn:\t{:016x}\n"
        "SigCgt:\t{:016x}\n",
        0, most, task.pending, process.pending, task.blocked, masks.ignored, masks.caught);
}

std::string status_privileges(const ProcView& view)
{
    const Cred& cred = view.m[view.t().cred];
    return fmt::format(
        "CapInh:\t{:016x}\nCapPrm:\t{:016x}\nCapEff:\t{:016x}\nCapBnd:\t{:016x}\nCapAmb:\t{:016x}\n"
        "NoNewPrivs:\t{}\nSeccomp:\t0\nSeccomp_filters:\t0\n"
        "Speculation_Store_Bypass:\tnot vulnerable\nSpeculationIndirectBranch:\tnot affected\n",
        cred.cap_inheritable, cred.cap_permitted, cred.cap_effective, cred.cap_bounding, cred.cap_ambient,
        view.t().flags & task_no_new_privs ? 1 : 0);
}

std::string status_processors(const ProcView& view)
{
    const uint32_t cpus = view.m.state.limits.cpus;
    const uint64_t present = cpus >= 64 ? ~0ull : (1ull << cpus) - 1;
    const uint64_t allowed = view.t().affinity & present;
    const auto words = [&] {
        const auto high = static_cast<uint32_t>(allowed >> 32), low = static_cast<uint32_t>(allowed);
        if (cpus > 32) return fmt::format("{:x},{:08x}", high, low);
        return fmt::format("{:x}", low);
    };
    return fmt::format("Cpus_allowed:\t{}\nCpus_allowed_list:\t{}\nMems_allowed:\t1\nMems_allowed_list:\t0\n",
                       words(), cpu_list(allowed));
}

/// \n and \\ of a name would break the lines that programs read.
std::string escaped(const std::string& name)
{
    std::string text;
    for (const char byte : name) {
        if (byte == '\n')
            text += "\\n";
        else if (byte == '\\')
            text += "\\\\";
        else
            text += byte;
    }
    return text;
}

struct LimitRow {
    std::string_view name, unit;
    int resource;
};
constexpr LimitRow limit_rows[] = {
    {"Max cpu time", "seconds", 0},     {"Max file size", "bytes", 1},
    {"Max data size", "bytes", 2},      {"Max stack size", "bytes", 3},
    {"Max core file size", "bytes", 4}, {"Max resident set", "bytes", 5},
    {"Max processes", "processes", 6},  {"Max open files", "files", 7},
    {"Max locked memory", "bytes", 8},  {"Max address space", "bytes", 9},
    {"Max file locks", "locks", 10},    {"Max pending signals", "signals", 11},
    {"Max msgqueue size", "bytes", 12}, {"Max nice priority", "", 13},
    {"Max realtime priority", "", 14},  {"Max realtime timeout", "us", 15},
};

/// The function of Linux's kernel that sleeps there, by which people know the wait.
std::string_view wait_symbol(QueueKind kind)
{
    switch (kind) {
        case QueueKind::child:
            return "do_wait";
        case QueueKind::vfork:
            return "kernel_clone";
        case QueueKind::futex:
            return "futex_do_wait";
        case QueueKind::signal:
            return "do_sigtimedwait";
        case QueueKind::stopped:
            return "do_signal_stop";
        case QueueKind::exec_alone:
            return "de_thread";
        case QueueKind::pipe_read:
        case QueueKind::outside:
            return "anon_pipe_read";
        case QueueKind::pipe_write:
            return "anon_pipe_write";
        case QueueKind::pipe_open:
            return "wait_for_partner";
        case QueueKind::file_lock:
            return "locks_lock_inode_wait";
        case QueueKind::tty:
            return "n_tty_read";
        case QueueKind::event:
        case QueueKind::pidfd:
            return "do_poll";
        default:
            return "hrtimer_nanosleep";
    }
}

}  // namespace

ProcText proc_stat(const ProcView& view)
{
    const Machine& m = view.m;
    const Task& task = view.t();
    const Signal& process = view.process();
    const bool permitted = may_trace(m, view.reader, view.task);
    const Usage used = usage_of(view);
    const SignalMasks masks = masks_of(m, task);
    const Addresses at = addresses_of(view, permitted);
    const uint64_t vsize = task.mm ? m[task.mm].total_pages * 4096 : 0;
    const uint64_t rss = task.mm ? resident_of(m, task.mm).total() : 0;
    const uint32_t threads = thread_count(m, process);
    const bool asleep = task.state != TaskState::running;
    const bool shows_wait = permitted && asleep && (view.thread || threads == 1);
    constexpr uint64_t low_bits = 0x7fffffff;
    std::string line =
        fmt::format("{} ({}) {} {} {} {} {} {}", pid_nr(m, view.task), comm_of(task),
                    state_name(task.state).letter, parent_number(m, task), number_of(m, process.pgrp),
                    number_of(m, process.session), terminal_fields(m, process.tty), kernel_flags(task));
    line +=
        fmt::format(" {} {} {} {} {} {} {} {} {} {} {} 0 {}", used.min_flt, process.cmin_flt, used.maj_flt,
                    process.cmaj_flt, used.utime_ns / ns_per_tick, used.stime_ns / ns_per_tick,
                    process.cutime_ns / ns_per_tick, process.cstime_ns / ns_per_tick, priority_of(task),
                    task.nice, threads, task.start_ns / ns_per_tick);
    line += fmt::format(" {} {} {} {} 0 0 {} {} {} {} {} 0 0 {} {} {} {} 0 0 0 {} {}\n", vsize, rss,
                        process.rlimit[rlimit_rss].soft, at.code, task.pending & low_bits,
                        task.blocked & low_bits, masks.ignored & low_bits, masks.caught & low_bits,
                        shows_wait ? 1 : 0, task.exit_signal, task.cpu_number, task.rt_priority, task.policy,
                        at.data, permitted ? task.exit_code : 0);
    return line;
}

ProcText proc_statm(const ProcView& view)
{
    const MmId id = view.t().mm;
    if (!id) return std::string("0 0 0 0 0 0 0\n");
    const Mm& mm = view.m[id];
    const MemoryUse rss = resident_of(view.m, id);
    const uint64_t text = (mm.end_code + 4095) / 4096 - mm.start_code / 4096;
    return fmt::format("{} {} {} {} 0 {} 0\n", mm.total_pages, rss.total(), rss.file + rss.shmem, text,
                       mm.data_pages + mm.stack_pages);
}

ProcText proc_status(const ProcView& view)
{
    const Task& task = view.t();
    const StateName state = state_name(task.state);
    std::string text = fmt::format("Name:\t{}\n", escaped(comm_of(task)));
    if (task.fs) text += fmt::format("Umask:\t{:04o}\n", view.m[task.fs].umask);
    text += fmt::format("State:\t{} ({})\n", state.letter, state.word);
    text += status_ids(view) + status_memory(view);
    text += fmt::format("Threads:\t{}\n", thread_count(view.m, view.process()));
    text += status_signals(view) + status_privileges(view) + status_processors(view);
    text += fmt::format("voluntary_ctxt_switches:\t{}\nnonvoluntary_ctxt_switches:\t{}\n", task.nvcsw,
                        task.nivcsw);
    return text;
}

ProcText proc_limits(const ProcView& view)
{
    const auto shown = [](uint64_t value) {
        return value == infinity ? std::string("unlimited") : std::to_string(value);
    };
    std::string text =
        fmt::format("{:<25} {:<20} {:<20} {:<10}\n", "Limit", "Soft Limit", "Hard Limit", "Units");
    for (const LimitRow& row : limit_rows) {
        const RLimit& limit = view.process().rlimit[static_cast<std::size_t>(row.resource)];
        text += fmt::format("{:<25} {:<20} {:<20} ", row.name, shown(limit.soft), shown(limit.hard));
        text += row.unit.empty() ? std::string("\n") : fmt::format("{:<10}\n", row.unit);
    }
    return text;
}

ProcText proc_schedstat(const ProcView& view)
{
    const Task& task = view.t();
    return fmt::format("{} {} {}\n", task.utime_ns + task.stime_ns, 0, task.nvcsw + task.nivcsw);
}

ProcText proc_sched(const ProcView& view)
{
    const Task& task = view.t();
    const auto milliseconds = [](uint64_t ns) {
        return fmt::format("{}.{:06}", ns / 1'000'000, ns % 1'000'000);
    };
    const auto line = [](std::string_view name, const std::string& value) {
        return fmt::format("{:<45}:{:>21}\n", name, value);
    };
    std::string text = fmt::format("{} ({}, #threads: {})\n", comm_of(task), pid_nr(view.m, view.task),
                                   thread_count(view.m, view.process()));
    text += fmt::format("{:-<67}\n", "");
    text += line("se.exec_start", milliseconds(monotonic_ns(view.m)));
    text += line("se.vruntime", milliseconds(task.vruntime));
    text += line("se.sum_exec_runtime", milliseconds(task.utime_ns + task.stime_ns));
    text += line("nr_switches", std::to_string(task.nvcsw + task.nivcsw));
    text += line("nr_voluntary_switches", std::to_string(task.nvcsw));
    text += line("nr_involuntary_switches", std::to_string(task.nivcsw));
    text += line("policy", std::to_string(task.policy));
    text += line("prio", std::to_string(100 + priority_of(task)));
    return text;
}

ProcText proc_wchan(const ProcView& view)
{
    const Task& task = view.t();
    const bool waits = task.state == TaskState::interruptible || task.state == TaskState::uninterruptible;
    if (!waits || !may_trace(view.m, view.reader, view.task)) return std::string("0");
    const QueueKind kind = task.waits ? view.m[task.waits].queue.kind : QueueKind::none;
    return std::string(wait_symbol(kind));
}

ProcText proc_syscall(const ProcView& view)
{
    const Task& task = view.t();
    if (task.state == TaskState::zombie) return std::string("-1 0x0 0x0\n");
    const bool itself = view.task == view.reader;
    if (task.state == TaskState::running && !itself) return std::string("running\n");
    const x86::Cpu& cpu = task.cpu;
    const auto reg = [&](x86::Reg which) { return cpu.gpr[which]; };
    if (task.orig_rax == ~0ull) return fmt::format("-1 {:#x} {:#x}\n", reg(x86::rsp), cpu.rip);
    return fmt::format("{} {:#x} {:#x} {:#x} {:#x} {:#x} {:#x} {:#x} {:#x}\n", task.orig_rax, reg(x86::rdi),
                       reg(x86::rsi), reg(x86::rdx), reg(x86::r10), reg(x86::r8), reg(x86::r9), reg(x86::rsp),
                       cpu.rip);
}

ProcText proc_children(const ProcView& view)
{
    std::string text;
    for (TaskId child = view.t().first_child; child; child = view.m[child].next_sibling)
        text += fmt::format("{} ", tgid_nr(view.m, child));
    return text;
}

}  // namespace norn
