// Structures in the guest's memory as strace shows them; their layouts are Linux's for x86-64.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "syscall/flags.h"
#include "syscall/strace_show.h"

namespace norn::strace {

namespace {

constexpr uint64_t list_limit = 32;

struct Timespec {
    int64_t seconds, part;
};

std::string seconds_and(const Timespec& time, std::string_view part)
{
    return fmt::format("{{tv_sec={}, tv_{}sec={}}}", time.seconds, part, time.part);
}

bool timespec(Show& s, uint64_t address)
{
    const auto time = s.peek<Timespec>(address);
    if (time) s.text(seconds_and(*time, "n"));
    return time.has_value();
}

bool timeval(Show& s, uint64_t address)
{
    const auto time = s.peek<Timespec>(address);
    if (time) s.text(seconds_and(*time, "u"));
    return time.has_value();
}

bool interval_and_value(Show& s, uint64_t address, std::string_view part)
{
    const auto times = s.peek<std::array<Timespec, 2>>(address);
    if (!times) return false;
    s.text("{it_interval=" + seconds_and((*times)[0], part) + ", it_value=" + seconds_and((*times)[1], part) +
           "}");
    return true;
}

bool itimerval(Show& s, uint64_t address)
{
    return interval_and_value(s, address, "u");
}

bool itimerspec(Show& s, uint64_t address)
{
    return interval_and_value(s, address, "n");
}

bool timespec_pair(Show& s, uint64_t address)
{
    constexpr int64_t now = 0x3fff'ffff, omit = 0x3fff'fffe;
    const auto times = s.peek<std::array<Timespec, 2>>(address);
    if (!times) return false;
    std::string text = "[";
    for (const Timespec& time : *times) {
        if (text.size() > 1) text += ", ";
        if (time.part == now || time.part == omit)
            text += time.part == now ? "UTIME_NOW" : "UTIME_OMIT";
        else
            text += seconds_and(time, "n") + " /* " + show_date(time.seconds, time.part) + " */";
    }
    s.text(text + "]");
    return true;
}

bool timeval_pair(Show& s, uint64_t address)
{
    const auto times = s.peek<std::array<Timespec, 2>>(address);
    if (!times) return false;
    s.text("[" + seconds_and((*times)[0], "u") + ", " + seconds_and((*times)[1], "u") + "]");
    return true;
}

void mode_and_size(Show& s, std::string_view prefix, uint32_t mode, uint64_t device, uint64_t size)
{
    const uint32_t type = mode & 0170000;
    s.text(fmt::format("{}_mode={}|{:#03o}", prefix, show_flags("file_type", type), mode & 07777));
    if (type == 0020000 || type == 0060000) {
        const uint64_t major = (device >> 8 & 0xfff) | (device >> 32 & ~0xfffull);
        const uint64_t minor = (device & 0xff) | (device >> 12 & ~0xffull);
        s.text(fmt::format(", {}_rdev=makedev({:#x}, {:#x}), ...}}", prefix, major, minor));
    } else {
        s.text(fmt::format(", {}_size={}, ...}}", prefix, size));
    }
}

bool stat(Show& s, uint64_t address)
{
    struct Stat {
        uint64_t dev, ino, nlink;
        uint32_t mode, uid, gid, pad;
        uint64_t rdev, size;
    };
    const auto value = s.peek<Stat>(address);
    if (!value) return false;
    s.text("{");
    mode_and_size(s, "st", value->mode, value->rdev, value->size);
    return true;
}

bool statx(Show& s, uint64_t address)
{
    struct Statx {
        uint32_t mask, blksize;
        uint64_t attributes;
        uint32_t nlink, uid, gid;
        uint16_t mode, pad;
        uint64_t ino, size;
    };
    const auto value = s.peek<Statx>(address);
    const auto device = s.peek<std::array<uint32_t, 2>>(address + 128);
    if (!value || !device) return false;
    const uint64_t attributes = value->attributes;
    s.text(fmt::format("{{stx_mask={}, stx_attributes={}, ", show_flags("statx_mask", value->mask),
                       attributes == 0x2000 ? "STATX_ATTR_MOUNT_ROOT"
                       : attributes         ? fmt::format("{:#x}", attributes)
                                            : "0"));
    mode_and_size(s, "stx", value->mode, static_cast<uint64_t>((*device)[0]) << 8 | (*device)[1],
                  value->size);
    return true;
}

bool statfs(Show& s, uint64_t address)
{
    struct Statfs {
        uint64_t type, bsize, blocks, bfree, bavail, files, ffree;
        uint32_t fsid[2];
        uint64_t namelen, frsize, flags;
    };
    const auto v = s.peek<Statfs>(address);
    if (!v) return false;
    s.text(fmt::format(
        "{{f_type={}, f_bsize={}, f_blocks={}, f_bfree={}, f_bavail={}, f_files={}, f_ffree={}, ",
        show_flags("statfs_type", v->type), v->bsize, v->blocks, v->bfree, v->bavail, v->files, v->ffree));
    s.text(fmt::format("f_fsid={{val=[{:#x}, {:#x}]}}, f_namelen={}, f_frsize={}, f_flags={}}}", v->fsid[0],
                       v->fsid[1], v->namelen, v->frsize, show_flags("statfs_flags", v->flags)));
    return true;
}

/// [element, element, ...], each shown by `one`.
template <class T, class F>
bool list_of(Show& s, uint64_t address, uint64_t count, const F& one)
{
    if (count > 0 && !s.peek<T>(address)) return false;
    s.text("[");
    for (uint64_t i = 0; i < count; ++i) {
        if (i) s.text(", ");
        const auto value = i < list_limit ? s.peek<T>(address + i * sizeof(T)) : std::nullopt;
        if (!value) {
            s.text("...");
            break;
        }
        one(*value);
    }
    s.text("]");
    return true;
}

bool pollfd(Show& s, uint64_t address)
{
    struct PollFd {
        int32_t fd;
        uint16_t events, revents;
    };
    return list_of<PollFd>(s, address, s.args[1], [&](const PollFd& fd) {
        if (fd.fd < 0) return s.text(fmt::format("{{fd={}}}", fd.fd));
        s.text(
            fmt::format("{{fd={}, events={}}}", fd_text(s, fd.fd), show_flags("poll_event_bits", fd.events)));
    });
}

bool fd_set(Show& s, uint64_t address)
{
    show_fd_set(s, address, s.args[0]);
    return true;
}

bool fd_pair(Show& s, uint64_t address)
{
    const auto fds = s.peek<std::array<int32_t, 2>>(address);
    if (fds) s.text(fmt::format("[{}, {}]", fd_text(s, (*fds)[0]), fd_text(s, (*fds)[1])));
    return fds.has_value();
}

bool iovec(Show& s, uint64_t address, uint64_t available)
{
    return list_of<IoVec>(s, address, std::min<uint64_t>(s.args[2], 1024), [&](const IoVec& vector) {
        const uint64_t part = std::min(vector.length, available);
        available -= part;
        s.text("{iov_base=");
        show_bytes(s, vector.base, part);
        s.text(fmt::format(", iov_len={}}}", vector.length));
    });
}

bool iovec_in(Show& s, uint64_t address)
{
    return iovec(s, address, ~0ull);
}

bool iovec_out(Show& s, uint64_t address)
{
    return iovec(s, address, s.result > 0 ? static_cast<uint64_t>(s.result) : 0);
}

struct [[gnu::packed]] EpollEvent {
    uint32_t events;
    uint64_t data;
};

std::string epoll_text(const EpollEvent& event)
{
    const uint64_t data = event.data;
    return fmt::format("{{events={}, data={{u32={}, u64={}}}}}", show_flags("epoll_event_bits", event.events),
                       static_cast<uint32_t>(data), data);
}

bool epoll_event(Show& s, uint64_t address)
{
    const auto event = s.peek<EpollEvent>(address);
    if (event) s.text(epoll_text(*event));
    return event.has_value();
}

bool epoll_events(Show& s, uint64_t address)
{
    return list_of<EpollEvent>(s, address, s.result > 0 ? static_cast<uint64_t>(s.result) : 0,
                               [&](const EpollEvent& event) { s.text(epoll_text(event)); });
}

bool sigset(Show& s, uint64_t address)
{
    const auto set = s.peek<uint64_t>(address);
    if (set) s.text(show_sigset(*set));
    return set.has_value();
}

bool pselect_mask(Show& s, uint64_t address)
{
    const auto pair = s.peek<std::array<uint64_t, 2>>(address);
    if (!pair) return false;
    s.text("{sigmask=");
    if (!(*pair)[0])
        s.text("NULL");
    else if (!sigset(s, (*pair)[0]))
        show_address(s, (*pair)[0]);
    s.text(fmt::format(", sigsetsize={}}}", (*pair)[1]));
    return true;
}

bool sigaction(Show& s, uint64_t address)
{
    constexpr uint64_t sa_restorer = 0x0400'0000;
    const auto action = s.peek<SigAction>(address);
    if (!action) return false;
    s.text("{sa_handler=");
    if (action->handler <= 1)
        s.text(action->handler ? "SIG_IGN" : "SIG_DFL");
    else
        show_address(s, action->handler);
    s.text(fmt::format(", sa_mask={}, sa_flags={}", show_sigset(action->mask),
                       show_flags("sa_flags", action->flags & 0xffff'ffff)));
    if (action->flags & sa_restorer) {
        s.text(", sa_restorer=");
        show_address(s, action->restorer);
    }
    s.text("}");
    return true;
}

bool stack(Show& s, uint64_t address)
{
    struct Stack {
        uint64_t sp;
        uint32_t flags, pad;
        uint64_t size;
    };
    const auto value = s.peek<Stack>(address);
    if (!value) return false;
    s.text("{ss_sp=");
    show_address(s, value->sp);
    s.text(fmt::format(", ss_flags={}, ss_size={}}}", show_flags("ss_flags", value->flags), value->size));
    return true;
}

bool siginfo(Show& s, uint64_t address)
{
    const auto words = s.peek<std::array<int32_t, 12>>(address);
    const auto long_words = s.peek<std::array<uint64_t, 6>>(address);
    if (!words || !long_words) return false;
    SigInfo info;
    info.signo = (*words)[0];
    info.error = (*words)[1];
    info.code = (*words)[2];
    info.pid = static_cast<uint32_t>((*words)[4]);
    info.uid = static_cast<uint32_t>((*words)[5]);
    info.status = (*words)[6];
    constexpr int sigchld = 17;
    info.value = info.signo == sigchld || info.code < 0 ? (*long_words)[3] : (*long_words)[2];
    if (info.signo == sigchld) {
        info.utime = (*long_words)[4];
        info.stime = (*long_words)[5];
    }
    info.fault_address = info.code > 0;
    show_signal_info(s.out, info);
    return true;
}

std::string limit_text(uint64_t value)
{
    if (value == ~0ull) return "RLIM64_INFINITY";
    if (value > 1024 && value % 1024 == 0) return fmt::format("{}*1024", value / 1024);
    return fmt::format("{}", value);
}

bool rlimit_pair(Show& s, uint64_t address)
{
    const auto limit = s.peek<RLimit>(address);
    if (limit)
        s.text(fmt::format("{{rlim_cur={}, rlim_max={}}}", limit_text(limit->soft), limit_text(limit->hard)));
    return limit.has_value();
}

bool rusage(Show& s, uint64_t address)
{
    const auto times = s.peek<std::array<Timespec, 2>>(address);
    if (!times) return false;
    s.text("{ru_utime=" + seconds_and((*times)[0], "u") + ", ru_stime=" + seconds_and((*times)[1], "u") +
           ", ...}");
    return true;
}

bool wait_status(Show& s, uint64_t address)
{
    const auto found = s.peek<uint32_t>(address);
    if (!found || s.result == 0) return false;
    const uint32_t status = *found;
    const int low = static_cast<int>(status & 0x7f), high = static_cast<int>(status >> 8 & 0xff);
    if (low == 0)
        s.text(fmt::format("[{{WIFEXITED(s) && WEXITSTATUS(s) == {}}}]", high));
    else if (status == 0xffff)
        s.text("[{WIFCONTINUED(s)}]");
    else if (low == 0x7f)
        s.text(fmt::format("[{{WIFSTOPPED(s) && WSTOPSIG(s) == {}}}]", signal_name(high)));
    else
        s.text(fmt::format("[{{WIFSIGNALED(s) && WTERMSIG(s) == {}{}}}]", signal_name(low),
                           status & 0x80 ? " && WCOREDUMP(s)" : ""));
    return true;
}

bool utsname(Show& s, uint64_t address)
{
    s.text("{sysname=");
    show_string(s, address, false);
    s.text(", nodename=");
    show_string(s, address + 65, false);
    s.text(", ...}");
    return true;
}

bool sysinfo(Show& s, uint64_t address)
{
    struct SysInfo {
        uint64_t uptime, loads[3], totalram, freeram, sharedram, bufferram, totalswap, freeswap;
        uint16_t procs, pad;
        uint32_t pad2;
        uint64_t totalhigh, freehigh;
        uint32_t mem_unit;
    };
    const auto v = s.peek<SysInfo>(address);
    if (!v) return false;
    s.text(fmt::format(
        "{{uptime={}, loads=[{}, {}, {}], totalram={}, freeram={}, sharedram={}, bufferram={}, ", v->uptime,
        v->loads[0], v->loads[1], v->loads[2], v->totalram, v->freeram, v->sharedram, v->bufferram));
    s.text(fmt::format("totalswap={}, freeswap={}, procs={}, totalhigh={}, freehigh={}, mem_unit={}}}",
                       v->totalswap, v->freeswap, v->procs, v->totalhigh, v->freehigh, v->mem_unit));
    return true;
}

bool tms(Show& s, uint64_t address)
{
    const auto times = s.peek<std::array<uint64_t, 4>>(address);
    if (!times) return false;
    const auto& t = *times;
    s.text(
        fmt::format("{{tms_utime={}, tms_stime={}, tms_cutime={}, tms_cstime={}}}", t[0], t[1], t[2], t[3]));
    return true;
}

bool number(Show& s, uint64_t address)
{
    const auto value = s.peek<int32_t>(address);
    if (value) s.text(fmt::format("[{}]", *value));
    return value.has_value();
}

bool offset(Show& s, uint64_t address)
{
    const auto value = s.peek<int64_t>(address);
    if (value) s.text(fmt::format("[{}]", *value));
    return value.has_value();
}

bool cpuset(Show& s, uint64_t address)
{
    // sched_getaffinity says how many bytes it wrote.
    const uint64_t size = s.result > 0 ? static_cast<uint64_t>(s.result) : s.args[1];
    std::string text;
    for (uint64_t byte = 0; byte < std::min<uint64_t>(size, 128); ++byte) {
        const auto bits = s.peek<uint8_t>(address + byte);
        if (!bits) return false;
        for (uint64_t bit = 0; bit < 8; ++bit)
            if (*bits >> bit & 1) text += fmt::format("{}{}", text.empty() ? "" : " ", byte * 8 + bit);
    }
    s.text("[" + text + "]");
    return true;
}

bool id_list(Show& s, uint64_t address)
{
    const uint64_t count = s.result > 0 ? static_cast<uint64_t>(s.result) : s.args[0];
    return list_of<int32_t>(s, address, count, [&](int32_t id) { s.text(fmt::format("{}", id)); });
}

bool entries(Show& s, uint64_t address)
{
    const uint64_t size = s.result > 0 ? static_cast<uint64_t>(s.result) : 0;
    uint64_t count = 0;
    for (uint64_t at = 0; at < size; ++count) {
        const auto length = s.peek<uint16_t>(address + at + 16);
        if (!length || *length == 0) break;
        at += *length;
    }
    show_address(s, address);
    s.text(fmt::format(" /* {} entr{} */", count, count == 1 ? "y" : "ies"));
    return true;
}

bool residency(Show& s, uint64_t address)
{
    const uint64_t pages = (s.args[1] + 4095) / 4096;
    return list_of<uint8_t>(s, address, pages, [&](uint8_t byte) { s.text(byte & 1 ? "1" : "0"); });
}

bool flock(Show& s, uint64_t address)
{
    struct Flock {
        uint16_t type, whence;
        uint32_t pad;
        int64_t start, length;
        int32_t pid;
    };
    constexpr uint64_t getlk = 5, ofd_getlk = 36;
    const auto lock = s.peek<Flock>(address);
    if (!lock) return false;
    s.text(fmt::format("{{l_type={}, l_whence={}, l_start={}, l_len={}", show_flags("lock_type", lock->type),
                       show_flags("lseek_whence", lock->whence), lock->start, lock->length));
    if (s.args[1] == getlk || s.args[1] == ofd_getlk) s.text(fmt::format(", l_pid={}", lock->pid));
    s.text("}");
    return true;
}

bool winsize(Show& s, uint64_t address)
{
    const auto size = s.peek<std::array<uint16_t, 4>>(address);
    if (size)
        s.text(fmt::format("{{ws_row={}, ws_col={}, ws_xpixel={}, ws_ypixel={}}}", (*size)[0], (*size)[1],
                           (*size)[2], (*size)[3]));
    return size.has_value();
}

bool termios(Show& s, uint64_t address)
{
    const auto modes = s.peek<std::array<uint32_t, 4>>(address);
    if (!modes) return false;
    const auto& [input, output, control, local] = *modes;
    s.text(fmt::format(
        "{{c_iflag={}, c_oflag={}, c_cflag={}|{}, c_lflag={}, ...}}", show_flags("termios_iflag", input),
        "NL0|CR0|TAB0|BS0|VT0|FF0" + (output ? "|" + show_flags("termios_oflag", output) : ""),
        show_flags("termios_speed", control & 0x100f),
        show_flags("termios_size", control & 0x30) +
            (control & ~0x103full ? "|" + show_flags("termios_cflag", control & ~0x103full) : ""),
        show_flags("termios_lflag", local)));
    return true;
}

bool sockaddr(Show& s, uint64_t address)
{
    constexpr uint16_t af_unix = 1;
    const auto family = s.peek<uint16_t>(address);
    if (!family) return false;
    s.text("{sa_family=" + show_flags("socket_family", *family));
    if (*family == af_unix) {
        s.text(", sun_path=");
        show_string(s, address + 2, true);
    }
    s.text("}");
    return true;
}

bool capability_header(Show& s, uint64_t address)
{
    const auto header = s.peek<std::array<uint32_t, 2>>(address);
    if (!header) return false;
    const bool third = (*header)[0] == 0x20080522;
    s.text(fmt::format("{{version={}, pid={}}}",
                       third ? "_LINUX_CAPABILITY_VERSION_3" : fmt::format("{:#x}", (*header)[0]),
                       static_cast<int32_t>((*header)[1])));
    return true;
}

std::string capabilities(uint64_t set)
{
    std::string text;
    for (uint64_t bit = 0; bit < 64; ++bit)
        if (set >> bit & 1) text += (text.empty() ? "1<<" : "|1<<") + show_flags("capability", bit);
    return text.empty() ? "0" : text;
}

bool capability_data(Show& s, uint64_t address)
{
    const auto words = s.peek<std::array<uint32_t, 6>>(address);
    if (!words) return false;
    const auto set = [&](std::size_t i) {
        return (*words)[i] | static_cast<uint64_t>((*words)[i + 3]) << 32;
    };
    s.text(fmt::format("{{effective={}, permitted={}, inheritable={}}}", capabilities(set(0)),
                       capabilities(set(1)), capabilities(set(2))));
    return true;
}

/// What is left of a sleep, which is written only when it was interrupted.
bool remaining(Show& s, uint64_t address)
{
    constexpr int64_t eintr = 4, erestart_restartblock = 516;
    return (s.result == -eintr || s.result == -erestart_restartblock) && timespec(s, address);
}

bool random_bytes(Show& s, uint64_t address)
{
    std::array<uint8_t, string_limit> bytes;
    const auto size = static_cast<uint64_t>(std::max<int64_t>(s.result, 0));
    const std::size_t part = std::min<uint64_t>(size, string_limit);
    if (peek_user(s.m, s.mm, address, {bytes.data(), part}) != part) return false;
    std::string text;
    for (std::size_t i = 0; i < part; ++i) text += fmt::format("\\x{:02x}", bytes[i]);
    s.text("\"" + text + (size > part ? "\"..." : "\""));
    return true;
}

struct Kind {
    std::string_view name;
    bool (*show)(Show& s, uint64_t address);
};

constexpr Kind kinds[] = {
    {"timespec", timespec},
    {"timeval", timeval},
    {"itimerval", itimerval},
    {"itimerspec", itimerspec},
    {"timespec_pair", timespec_pair},
    {"timeval_pair", timeval_pair},
    {"stat", stat},
    {"statx", statx},
    {"statfs", statfs},
    {"pollfd", pollfd},
    {"fd_set", fd_set},
    {"fd_pair", fd_pair},
    {"iovec_in", iovec_in},
    {"iovec", iovec_out},
    {"epoll_event", epoll_event},
    {"epoll_events", epoll_events},
    {"sigset", sigset},
    {"pselect_mask", pselect_mask},
    {"sigaction", sigaction},
    {"stack", stack},
    {"siginfo", siginfo},
    {"rlimit", rlimit_pair},
    {"rusage", rusage},
    {"wait_status", wait_status},
    {"utsname", utsname},
    {"sysinfo", sysinfo},
    {"tms", tms},
    {"int", number},
    {"uint", number},
    {"offset", offset},
    {"cpuset", cpuset},
    {"gid_list", id_list},
    {"dirents", entries},
    {"dirents64", entries},
    {"mincore_vec", residency},
    {"flock", flock},
    {"winsize", winsize},
    {"termios", termios},
    {"sockaddr", sockaddr},
    {"cap_header", capability_header},
    {"cap_data", capability_data},
    {"remain", remaining},
    {"random_bytes", random_bytes},
};

}  // namespace

bool show_structure(Show& s, std::string_view kind, uint64_t address)
{
    if (address == 0) {
        s.text("NULL");
        return true;
    }
    if (s.failed() && s.shows_output && kind != "remain") return false;
    const std::size_t before = s.out.size();
    for (const Kind& known : kinds) {
        if (known.name != kind) continue;
        if (known.show(s, address)) return true;
        s.out.resize(before);
        return false;
    }
    return false;
}

void show_fd_set(Show& s, uint64_t address, uint64_t limit)
{
    std::string text;
    for (uint64_t fd = 0; fd < std::min<uint64_t>(limit, 1024); ++fd) {
        const auto byte = s.peek<uint8_t>(address + fd / 8);
        if (!byte) return show_address(s, address);
        if (*byte >> (fd % 8) & 1) text += fmt::format("{}{}", text.empty() ? "" : " ", fd);
    }
    s.text("[" + text + "]");
}

// Days from civil, by 400-year eras.
std::string show_date(int64_t seconds, int64_t nanoseconds)
{
    constexpr int64_t day = 86'400;
    const int64_t days = seconds >= 0 ? seconds / day : (seconds - day + 1) / day;
    const int64_t second = seconds - days * day;
    const int64_t shifted = days + 719'468;
    const int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
    const int64_t of_era = shifted - era * 146'097;
    const int64_t year = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
    const int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    const int64_t month = (5 * of_year + 2) / 153;
    const int64_t shown_month = month < 10 ? month + 3 : month - 9;
    std::string text =
        fmt::format("{}-{:02}-{:02}T{:02}:{:02}:{:02}", year + era * 400 + (shown_month <= 2), shown_month,
                    of_year - (153 * month + 2) / 5 + 1, second / 3600, second / 60 % 60, second % 60);
    if (nanoseconds) text += fmt::format(".{:09}", nanoseconds);
    return text + "+0000";
}

}  // namespace norn::strace
