// What rows are too general to say: arguments that depend on others, which are outputs, calls with a
// form of their own, and what follows a result.
#include <fmt/format.h>

#include <algorithm>

#include "norn/errno.h"
#include "syscall/flags.h"
#include "syscall/strace_show.h"

namespace norn::strace {

namespace {

constexpr uint64_t f_getfd = 1, f_setfd = 2, f_getfl = 3, f_setfl = 4, f_getlk = 5, f_setlk = 6, f_setlkw = 7,
                   f_getown = 9, f_getsig = 11, f_ofd_getlk = 36, f_ofd_setlk = 37, f_ofd_setlkw = 38,
                   f_getlease = 1025, f_getpipe_sz = 1032, f_add_seals = 1033, f_get_seals = 1034;
constexpr uint64_t pr_set_pdeathsig = 1, pr_get_dumpable = 3, pr_set_dumpable = 4, pr_set_name = 15,
                   pr_get_name = 16, pr_no_new_privs = 38, pr_get_no_new_privs = 39;

/// An argument that the call fills, or that its row shows too plainly.
struct Refinement {
    std::string_view call;
    uint8_t index;
    ArgKind kind;
    std::string_view set;
    bool out;
};

using enum ArgKind;
constexpr Refinement refinements[] = {
    {"stat", 1, structure, "stat", true},
    {"fstat", 1, structure, "stat", true},
    {"lstat", 1, structure, "stat", true},
    {"newfstatat", 2, structure, "stat", true},
    {"statx", 2, flags, "statx_sync", false},
    {"statx", 4, structure, "statx", true},
    {"statfs", 1, structure, "statfs", true},
    {"fstatfs", 1, structure, "statfs", true},
    {"pipe", 0, structure, "fd_pair", true},
    {"pipe2", 0, structure, "fd_pair", true},
    {"pipe2", 1, flags, "pipe_flags", false},
    {"dup3", 2, flags, "pipe_flags", false},
    {"epoll_create1", 0, flags, "epoll_create_flags", false},
    {"timerfd_create", 1, flags, "timerfd_create_flags", false},
    {"signalfd4", 3, flags, "signalfd_flags", false},
    {"inotify_init1", 0, flags, "inotify_flags", false},
    {"getdents", 1, structure, "dirents", true},
    {"getdents64", 1, structure, "dirents64", true},
    {"epoll_wait", 1, structure, "epoll_events", true},
    {"epoll_pwait", 1, structure, "epoll_events", true},
    {"epoll_pwait2", 1, structure, "epoll_events", true},
    {"getcwd", 0, path, {}, true},
    {"getrandom", 0, structure, "random_bytes", true},
    {"nanosleep", 1, structure, "remain", true},
    {"clock_nanosleep", 3, structure, "remain", true},
    {"getitimer", 1, structure, "itimerval", true},
    {"setitimer", 2, structure, "itimerval", true},
    {"gettimeofday", 0, structure, "timeval", true},
    {"times", 0, structure, "tms", true},
    {"sched_getparam", 1, structure, "int", true},
    {"sched_rr_get_interval", 1, structure, "timespec", true},
    {"sched_getaffinity", 2, structure, "cpuset", true},
    {"timer_create", 2, structure, "int", true},
    {"timer_settime", 3, structure, "itimerspec", true},
    {"timer_gettime", 1, structure, "itimerspec", true},
    {"timerfd_settime", 3, structure, "itimerspec", true},
    {"timerfd_gettime", 1, structure, "itimerspec", true},
    {"clock_gettime", 1, structure, "timespec", true},
    {"clock_getres", 1, structure, "timespec", true},
    {"getcpu", 0, structure, "int", true},
    {"getcpu", 1, structure, "int", true},
    {"wait4", 1, structure, "wait_status", true},
    {"wait4", 2, flags, "wait4_options", false},
    {"wait4", 3, structure, "rusage", true},
    {"waitid", 4, structure, "rusage", true},
    {"uname", 0, structure, "utsname", true},
    {"sysinfo", 0, structure, "sysinfo", true},
    {"getrusage", 1, structure, "rusage", true},
    {"getgroups", 1, structure, "gid_list", true},
    {"mincore", 2, structure, "mincore_vec", true},
    {"get_mempolicy", 0, structure, "int", true},
    {"capget", 1, structure, "cap_data", true},
    {"personality", 0, hex, {}, false},
    {"syslog", 1, address, {}, false},
};

ArgDescription fcntl_argument(uint64_t command, bool& out)
{
    switch (command) {
        case f_setfd:
            return {"arg", flags, "fd_flags"};
        case f_setfl:
            return {"arg", flags, "open_flags"};
        case f_add_seals:
            return {"arg", flags, "seals"};
        case f_setlk:
        case f_setlkw:
        case f_ofd_setlk:
        case f_ofd_setlkw:
            return {"arg", structure, "flock"};
        case f_getlk:
        case f_ofd_getlk:
            out = true;
            return {"arg", structure, "flock"};
        default:
            return {"arg", number, {}};
    }
}

ArgDescription ioctl_argument(uint64_t request, bool& out)
{
    struct Known {
        uint64_t request;
        std::string_view set;
        bool out;
    };
    constexpr Known known[] = {
        {0x5401, "termios", true},  {0x5402, "termios", false}, {0x5403, "termios", false},
        {0x5404, "termios", false}, {0x5413, "winsize", true},  {0x5414, "winsize", false},
        {0x540f, "int", true},      {0x5410, "int", false},     {0x541b, "int", true},
        {0x5411, "int", true},      {0x5421, "int", false},     {0x5429, "int", true},
        {0x80045430, "int", true},  {0x40045431, "int", false}};
    for (const Known& one : known) {
        if (one.request != request) continue;
        out = one.out;
        return {"arg", structure, one.set};
    }
    return {"arg", hex, {}};
}

ArgDescription prctl_argument(uint64_t option, std::size_t index, bool& out)
{
    if (index > 1) return {"arg", hex, {}};
    switch (option) {
        case pr_set_pdeathsig:
            return {"arg", signal, {}};
        case pr_set_name:
            return {"arg", string, {}};
        case pr_get_name:
            out = true;
            return {"arg", string, {}};
        case pr_set_dumpable:
            return {"arg", flags, "dumpable"};
        case 36:
        case pr_no_new_privs:
        case 29:
            return {"arg", number, {}};
        default:
            return {"arg", hex, {}};
    }
}

std::size_t prctl_count(uint64_t option)
{
    constexpr uint64_t lonely[] = {pr_get_dumpable, 7, 14, 21, 27, 30};
    if (std::find(std::begin(lonely), std::end(lonely), option) != std::end(lonely)) return 1;
    constexpr uint64_t full[] = {pr_no_new_privs, pr_get_no_new_privs, 35, 41, 42, 47, 0x53564d41};
    return std::find(std::begin(full), std::end(full), option) != std::end(full) ? 5 : 2;
}

void clone_entry(Show& s)
{
    s.text("child_stack=");
    show_address(s, s.args[1]);
    const uint64_t all = s.args[0], plain = all & ~0xffull, exit_signal = all & 0xff;
    s.text(", flags=");
    std::string shown = plain ? show_flags("clone_flags", plain) : "";
    if (exit_signal) shown += (shown.empty() ? "" : "|") + signal_name(static_cast<int>(exit_signal));
    s.text(shown.empty() ? "0" : shown);
}

void clone_rest(Show& s)
{
    constexpr uint64_t parent_settid = 0x100000, settls = 0x80000, child_tid = 0x1200000, pidfd = 0x1000;
    if (s.args[0] & (parent_settid | pidfd)) {
        s.text(s.args[0] & pidfd ? ", pidfd=" : ", parent_tid=");
        if (!show_structure(s, "int", s.args[2])) show_address(s, s.args[2]);
    }
    if (s.args[0] & settls) s.text(fmt::format(", tls={:#x}", s.args[4]));
    if (s.args[0] & child_tid) {
        s.text(", child_tidptr=");
        show_address(s, s.args[3]);
    }
}

struct CloneArgs {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size,
        cgroup;
};

void clone3_entry(Show& s)
{
    constexpr uint64_t first_version = 64;
    std::array<uint8_t, sizeof(CloneArgs)> bytes{};
    const std::size_t size = std::min<uint64_t>(s.args[1], bytes.size());
    if (size < first_version || peek_user(s.m, s.mm, s.args[0], {bytes.data(), size}) != size)
        return show_address(s, s.args[0]);
    CloneArgs args;
    std::memcpy(&args, bytes.data(), sizeof args);
    s.text("{flags=" + (args.flags ? show_flags("clone_flags", args.flags) : "0"));
    const auto pointer = [&](std::string_view name, uint64_t value) {
        if (value) s.text(fmt::format(", {}={:#x}", name, value));
    };
    if (args.flags & 0x1000) pointer("pidfd", args.pidfd);
    if (args.flags & 0x1200000) pointer("child_tid", args.child_tid);
    if (args.flags & 0x100000) pointer("parent_tid", args.parent_tid);
    s.text(", exit_signal=" + signal_name(static_cast<int>(args.exit_signal)) + ", stack=");
    show_address(s, args.stack);
    s.text(args.stack_size ? fmt::format(", stack_size={:#x}", args.stack_size) : ", stack_size=0");
    if (args.flags & 0x80000) pointer("tls", args.tls);
    s.text("}");
}

void clone3_rest(Show& s)
{
    constexpr uint64_t parent_settid = 0x100000;
    const auto args = s.peek<CloneArgs>(s.args[0]);
    if (!s.failed() && args && (args->flags & parent_settid)) {
        s.text(" => {parent_tid=");
        if (!show_structure(s, "int", args->parent_tid)) show_address(s, args->parent_tid);
        s.text("}");
    }
    s.text(fmt::format(", {}", s.args[1]));
}

void futex_timeout(Show& s, uint64_t address)
{
    if (!show_structure(s, "timespec", address)) show_address(s, address);
}

void futex_entry(Show& s)
{
    constexpr uint64_t private_flag = 128, realtime = 256;
    const uint64_t op = s.args[1] & ~(private_flag | realtime) & 0xffff'ffff;
    show_address(s, s.args[0]);
    s.text(", " + show_flags("futex_base", op));
    if (s.args[1] & private_flag) s.text("_PRIVATE");
    if (s.args[1] & realtime) s.text("|FUTEX_CLOCK_REALTIME");
    const auto plain = [&](uint64_t value) { s.text(fmt::format(", {}", static_cast<uint32_t>(value))); };
    const auto mask = [&] {
        const auto bits = static_cast<uint32_t>(s.args[5]);
        s.text(bits == ~0u ? ", FUTEX_BITSET_MATCH_ANY" : fmt::format(", {:#x}", bits));
    };
    if (op == 7 || op == 8) return;  // UNLOCK_PI, TRYLOCK_PI
    if (op != 6 && op != 13) plain(s.args[2]);
    switch (op) {
        case 0:   // WAIT
        case 6:   // LOCK_PI
        case 13:  // LOCK_PI2
        case 9:   // WAIT_BITSET
            s.text(", ");
            futex_timeout(s, s.args[3]);
            if (op == 9) mask();
            return;
        case 10:  // WAKE_BITSET
            return mask();
        case 3:   // REQUEUE
        case 4:   // CMP_REQUEUE
        case 5:   // WAKE_OP
        case 12:  // CMP_REQUEUE_PI
            plain(s.args[3]);
            s.text(", ");
            show_address(s, s.args[4]);
            if (op == 5)
                s.text(fmt::format(", {:#x}", s.args[5]));
            else if (op != 3)
                plain(s.args[5]);
            return;
        default:
            return;
    }
}

void sigreturn_entry(Show& s)
{
    constexpr uint64_t mask_in_frame = 296;
    const auto mask = s.peek<uint64_t>(s.stack_pointer + mask_in_frame);
    if (mask) s.text("{mask=" + show_sigset(*mask) + "}");
}

void nothing(Show&) {}

constexpr Special specials[] = {
    {"clone", clone_entry, clone_rest},
    {"clone3", clone3_entry, clone3_rest},
    {"futex", futex_entry, nothing},
    {"rt_sigreturn", sigreturn_entry, nothing},
};

// ---- Results ----------------------------------------------------------------------------------------

std::string poll_answer(const Show& s)
{
    struct PollFd {
        int32_t fd;
        uint16_t events, revents;
    };
    if (s.result == 0) return " (Timeout)";
    std::string text;
    for (uint64_t i = 0; i < s.args[1]; ++i) {
        const auto fd = s.peek<PollFd>(s.args[0] + i * sizeof(PollFd));
        if (!fd) break;
        if (fd->revents == 0) continue;
        text += fmt::format("{}{{fd={}, revents={}}}", text.empty() ? "" : ", ", fd->fd,
                            show_flags("poll_event_bits", fd->revents));
    }
    return " ([" + text + "])";
}

std::string select_answer(const Show& s)
{
    if (s.result == 0) return " (Timeout)";
    constexpr std::string_view names[] = {"in", "out", "except"};
    std::string text;
    for (std::size_t i = 0; i < 3; ++i) {
        if (!s.args[i + 1]) continue;
        std::string set;
        Show inner{s.m, s.mm, set, s.args};
        show_fd_set(inner, s.args[i + 1], s.args[0]);
        if (set == "[]") continue;
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", names[i], set);
    }
    return " (" + text + ")";
}

std::string fcntl_answer(const Show& s)
{
    const auto value = static_cast<uint64_t>(s.result);
    std::string names;
    if (s.args[1] == f_getfd && value)
        names = "flags " + show_flags("fd_flags", value);
    else if (s.args[1] == f_getfl)
        names = "flags " + show_flags("open_access", value & 3) +
                (value & ~3ull ? "|" + show_flags("open_rest", value & ~3ull) : "");
    else if (s.args[1] == f_get_seals && value)
        names = "seals " + show_flags("seals", value);
    return names.empty() ? fmt::format("{}", s.result) : fmt::format("{:#x} ({})", value, names);
}

/// Does the call return a new descriptor?
bool returns_fd(const Show& s, std::string_view name)
{
    constexpr std::array<std::string_view, 20> calls = {
        "open",     "openat",    "openat2",      "creat",         "dup",
        "dup2",     "dup3",      "socket",       "accept",        "accept4",
        "eventfd",  "eventfd2",  "epoll_create", "epoll_create1", "memfd_create",
        "signalfd", "signalfd4", "pidfd_open",   "pidfd_getfd",   "timerfd_create"};
    constexpr uint64_t dupfd = 0, dupfd_cloexec = 1030;
    if (name == "fcntl") return s.args[1] == dupfd || s.args[1] == dupfd_cloexec;
    return std::find(calls.begin(), calls.end(), name) != calls.end();
}

std::string success(const Show& s, std::string_view name)
{
    if (returns_fd(s, name)) return fd_text(s, static_cast<int32_t>(s.result));
    const auto value = static_cast<uint64_t>(s.result);
    if (name == "mmap" || name == "brk" || name == "mremap")
        return value ? fmt::format("{:#x}", value) : "NULL";
    if (name == "umask") return fmt::format("{:#03o}", value);
    if (name == "fcntl") return fcntl_answer(s);
    if (name == "poll" || name == "ppoll") return fmt::format("{}{}", s.result, poll_answer(s));
    if (name == "select" || name == "pselect6") return fmt::format("{}{}", s.result, select_answer(s));
    if (name == "sched_getscheduler") return fmt::format("{} ({})", value, show_flags("sched_policy", value));
    if (name == "rt_sigtimedwait") return fmt::format("{} ({})", value, signal_name(static_cast<int>(value)));
    if (name == "prctl" && s.args[0] == pr_get_dumpable)
        return fmt::format("{} ({})", value, show_flags("dumpable", value));
    if (name == "personality") return value ? fmt::format("{:#x}", value) : "0 (PER_LINUX)";
    if (name == "time") return fmt::format("{} ({})", value, show_date(s.result, 0));
    if (name == "membarrier" && s.args[0] == 0 && value)
        return fmt::format("{:#x} ({})", value, show_flags("membarrier_result", value));
    return fmt::format("{}", s.result);
}

std::string restart_text(Errno error)
{
    if (error == ERESTARTSYS) return "? ERESTARTSYS (To be restarted if SA_RESTART is set)";
    if (error == ERESTARTNOINTR) return "? ERESTARTNOINTR (To be restarted)";
    if (error == ERESTARTNOHAND) return "? ERESTARTNOHAND (To be restarted if no handler)";
    if (error == ERESTART_RESTARTBLOCK) return "? ERESTART_RESTARTBLOCK (Interrupted by signal)";
    return {};
}

}  // namespace

Shape shape_of(const SyscallRow& row, std::size_t index, const std::array<uint64_t, 6>& args)
{
    Shape shape{row.argument[index], false};
    if (row.name == "fcntl" && index == 2)
        shape.how = fcntl_argument(args[1], shape.out);
    else if (row.name == "ioctl" && index == 2)
        shape.how = ioctl_argument(args[1], shape.out);
    else if (row.name == "prctl" && index > 0)
        shape.how = prctl_argument(args[0], index, shape.out);
    if (shape.how.kind == buffer_out) shape.out = true;
    constexpr std::string_view suffix = "_out";
    if (shape.how.kind == structure && shape.how.flag_set.ends_with(suffix)) {
        shape.how.flag_set.remove_suffix(suffix.size());
        shape.out = true;
    }
    for (const Refinement& refined : refinements) {
        if (refined.index != index || refined.call != row.name) continue;
        shape.how.kind = refined.kind;
        shape.how.flag_set = refined.set;
        shape.out = refined.out;
    }
    return shape;
}

std::size_t shown_arguments(const SyscallRow& row, const std::array<uint64_t, 6>& args)
{
    constexpr uint64_t creates = 0100 | 020000000;
    constexpr uint64_t bare_commands[] = {f_getfd,    f_getfl,      f_getown,   f_getsig,
                                          f_getlease, f_getpipe_sz, f_get_seals};
    if (row.name == "open") return args[1] & creates ? 3 : 2;
    if (row.name == "openat") return args[2] & creates ? 4 : 3;
    if (row.name == "mremap") return (args[3] & 3) == 3 ? 5 : 4;
    if (row.name == "prctl") return prctl_count(args[0]);
    if (row.name == "membarrier") return 2;
    if (row.name == "mknodat")
        return (args[2] & 0170000) == 0020000 || (args[2] & 0170000) == 0060000 ? 4 : 3;
    if (row.name == "fcntl" &&
        std::find(std::begin(bare_commands), std::end(bare_commands), args[1]) != std::end(bare_commands))
        return 2;
    return row.arguments;
}

const Special* special_of(std::string_view name)
{
    for (const Special& special : specials)
        if (special.name == name) return &special;
    return nullptr;
}

void show_result(Show& s, std::string_view name)
{
    if (!s.failed()) return s.text(success(s, name));
    const auto error = static_cast<Errno>(-s.result);
    const std::string restart = restart_text(error);
    if (!restart.empty()) return s.text(restart);
    s.text(fmt::format("-1 {} ({})", errno_name(error), errno_text(error)));
}

}  // namespace norn::strace
