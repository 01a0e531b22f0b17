// Strings, addresses, signals, and one argument by its description.
#include "syscall/strace_show.h"

#include <fmt/format.h>

#include <bit>

#include "fs/file.h"
#include "norn/errno.h"
#include "syscall/flags.h"

namespace norn::strace {

namespace {

constexpr uint64_t longest_path = 4096;

bool octal_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '7';
}

void escape(std::string& out, std::span<const uint8_t> bytes)
{
    constexpr std::string_view special = "\a\b\t\n\v\f\r", letters = "abtnvfr";
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const uint8_t byte = bytes[i];
        const std::size_t named =
            byte >= 9 && byte <= 13 ? special.find(static_cast<char>(byte)) : special.npos;
        if (byte == '"' || byte == '\\')
            out += {'\\', static_cast<char>(byte)};
        else if (named != special.npos)
            out += {'\\', letters[named]};
        else if (byte >= ' ' && byte < 0x7f)
            out += static_cast<char>(byte);
        else if (i + 1 < bytes.size() && octal_digit(bytes[i + 1]))
            out += fmt::format("\\{:03o}", byte);
        else
            out += fmt::format("\\{:o}", byte);
    }
}

bool is_owner(std::string_view name)
{
    return name == "owner" || name == "group" || name == "uid" || name == "gid" || name.ends_with("uid") ||
           name.ends_with("gid");
}

void show_open_flags(Show& s, uint64_t flags)
{
    s.text(show_flags("open_access", flags & 3));
    if (flags & ~3ull) s.text("|" + show_flags("open_rest", flags & ~3ull));
}

void show_mmap_flags(Show& s, uint64_t flags)
{
    s.text(show_flags("mmap_type", flags & 15));
    if (flags & ~15ull) s.text("|" + show_flags("mmap_flags", flags & ~15ull));
}

void show_socket_type(Show& s, uint64_t type)
{
    s.text(show_flags("socket_base", type & 15));
    if (type & ~15ull) s.text("|" + show_flags("socket_flags", type & ~15ull));
}

void show_statx_flags(Show& s, uint64_t flags)
{
    constexpr uint64_t sync = 0x6000;
    s.text(show_flags("statx_sync", flags & sync));
    if (flags & ~sync) s.text("|" + show_flags("at_flags", flags & ~sync));
}

/// By name, or by its parts.
void show_ioctl_request(Show& s, uint64_t request)
{
    constexpr std::string_view directions[] = {"_IOC_NONE", "_IOC_WRITE", "_IOC_READ",
                                               "_IOC_READ|_IOC_WRITE"};
    const std::string name = show_flags("ioctl_request", request);
    if (!name.starts_with("0x")) return s.text(name);
    const auto part = [](uint64_t value) { return value ? fmt::format("{:#x}", value) : "0"; };
    s.text(fmt::format("_IOC({}, {}, {}, {})", directions[request >> 30 & 3], part(request >> 8 & 0xff),
                       part(request & 0xff), part(request >> 16 & 0x3fff)));
}

void show_mode(std::string& out, uint64_t mode)
{
    out += mode ? fmt::format("{:#03o}", mode & 0xffff) : "000";
}

void show_named_flags(Show& s, std::string_view set, uint64_t raw)
{
    const uint64_t value = raw & 0xffff'ffff;
    if (set == "open_flags") return show_open_flags(s, value);
    if (set == "mmap_flags") return show_mmap_flags(s, value);
    if (set == "socket_type") return show_socket_type(s, value);
    if (set == "statx_sync") return show_statx_flags(s, value);
    if (set == "ioctl_request") return show_ioctl_request(s, value);
    if (set == "mknod_mode") {
        s.text(show_flags("file_type", value & 0170000) + "|");
        return show_mode(s.out, value & 07777);
    }
    s.text(show_flags(set, value));
}

/// {"argument", NULL-terminated}; what is past the limit is cut.
void show_string_list(Show& s, uint64_t address)
{
    constexpr uint64_t most = 32;
    if (address == 0) return s.text("NULL");
    s.text("[");
    for (uint64_t i = 0;; ++i) {
        const auto pointer = s.peek<uint64_t>(address + 8 * i);
        if (!pointer) {
            s.text(i ? ", " : "");
            show_address(s, address + 8 * i);
            break;
        }
        if (*pointer == 0) break;
        if (i) s.text(", ");
        if (i >= most) {
            s.text("...");
            break;
        }
        show_string(s, *pointer, false);
    }
    s.text("]");
}

void show_environment(Show& s, uint64_t address)
{
    uint64_t count = 0;
    while (address) {
        const auto pointer = s.peek<uint64_t>(address + 8 * count);
        if (!pointer || *pointer == 0) break;
        ++count;
    }
    show_address(s, address);
    if (address) s.text(fmt::format(" /* {} var{} */", count, count == 1 ? "" : "s"));
}

/// How many bytes of an output buffer count: the call's result.
uint64_t filled(const Show& s, std::size_t index)
{
    return s.result >= 0 ? static_cast<uint64_t>(s.result) : s.args[index + 1];
}

}  // namespace

std::string fd_text(const Show& s, int32_t fd, bool directory)
{
    constexpr int32_t at_fdcwd = -100;
    constexpr std::string_view gone = " (deleted)";
    const bool here = directory && fd == at_fdcwd;
    std::string number = here ? "AT_FDCWD" : fmt::format("{}", fd);
    if (!s.whose_files || !s.m[s.whose_files].files || !s.m[s.whose_files].fs) return number;
    std::string path;
    if (here)
        path = path_string(s.m, s.whose_files, s.m[s.m[s.whose_files].fs].cwd);
    else if (const Result<FileId> file = fget(s.m, s.whose_files, fd, true); file.ok())
        path = file_path_string(s.m, s.whose_files, *file);
    if (path.empty()) return number;
    const bool removed = path.ends_with(gone);
    if (removed) path.resize(path.size() - gone.size());
    return fmt::format("{}<{}>{}", number, path, removed ? gone.substr(1) : "");
}

void show_address(Show& s, uint64_t address)
{
    s.text(address ? fmt::format("{:#x}", address) : "NULL");
}

void show_bytes(Show& s, uint64_t address, uint64_t size)
{
    if (address == 0) return s.text("NULL");
    std::array<uint8_t, string_limit> bytes;
    const std::size_t part = std::min<uint64_t>(size, string_limit);
    if (peek_user(s.m, s.mm, address, {bytes.data(), part}) != part) return show_address(s, address);
    s.text("\"");
    escape(s.out, {bytes.data(), part});
    s.text(size > string_limit ? "\"..." : "\"");
}

void show_string(Show& s, uint64_t address, bool path)
{
    if (address == 0) return s.text("NULL");
    const std::size_t limit = path ? longest_path : string_limit;
    std::vector<uint8_t> bytes;
    bool ended = false;
    while (!ended && bytes.size() <= limit) {
        const auto byte = s.peek<uint8_t>(address + bytes.size());
        if (!byte) return show_address(s, address);
        ended = *byte == 0;
        if (!ended) bytes.push_back(*byte);
    }
    const std::size_t part = std::min(bytes.size(), limit);
    s.text("\"");
    escape(s.out, {bytes.data(), part});
    s.text(ended ? "\"" : "\"...");
}

std::string show_sigset(uint64_t set)
{
    const bool inverted = std::popcount(set) >= 42;
    std::string text = inverted ? "~[" : "[";
    const uint64_t shown = inverted ? ~set : set;
    for (uint64_t rest = shown; rest; rest &= rest - 1) {
        const int signal = std::countr_zero(rest) + 1;
        if (text.back() != '[') text += ' ';
        text += signal_name(signal).substr(3);
    }
    return text + "]";
}

void show_argument(Show& s, const ArgDescription& how, std::size_t index)
{
    const uint64_t raw = s.args[index];
    const auto low = static_cast<uint32_t>(raw);
    switch (how.kind) {
        case ArgKind::number:
            return s.text(fmt::format("{}", raw <= ~0u && static_cast<int32_t>(low) < 0
                                                ? static_cast<int32_t>(low)
                                                : static_cast<int64_t>(raw)));
        case ArgKind::unsigned_number:
            return s.text(low == ~0u && is_owner(how.name) ? "-1" : fmt::format("{}", raw));
        case ArgKind::size:
            return s.text(fmt::format("{}", raw));
        case ArgKind::hex:
            return s.text(raw ? fmt::format("{:#x}", raw) : "0");
        case ArgKind::pid:
            return s.text(fmt::format("{}", static_cast<int32_t>(raw)));
        case ArgKind::fd:
        case ArgKind::dirfd:
            return s.text(fd_text(s, static_cast<int32_t>(raw), how.kind == ArgKind::dirfd));
        case ArgKind::signal:
            return s.text(signal_name(static_cast<int>(low)));
        case ArgKind::path:
            return show_string(s, raw, true);
        case ArgKind::string:
            return show_string(s, raw, false);
        case ArgKind::address:
            return show_address(s, raw);
        case ArgKind::buffer_in:
            return show_bytes(s, raw, s.args[index + 1]);
        case ArgKind::buffer_out:
            return s.failed() ? show_address(s, raw) : show_bytes(s, raw, filled(s, index));
        case ArgKind::mode_octal:
            return show_mode(s.out, low);
        case ArgKind::flags:
            return show_named_flags(s, how.flag_set, raw);
        case ArgKind::structure:
            if (!show_structure(s, how.flag_set, raw)) show_address(s, raw);
            return;
        case ArgKind::argv:
            return show_string_list(s, raw);
        case ArgKind::envp:
            return show_environment(s, raw);
    }
}

}  // namespace norn::strace
