// Errors of execve(2) in words. The kernel has already refused; this looks again to say why.
#include "sim/program.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <optional>

namespace norn {

std::vector<std::string> search_paths(std::string_view name, std::string_view path_value)
{
    if (name.find('/') != std::string_view::npos || name.empty()) return {std::string(name)};
    std::vector<std::string> paths;
    for (;;) {
        const std::size_t colon = path_value.find(':');
        const std::string_view folder = path_value.substr(0, colon);
        paths.push_back(folder.empty() ? std::string(name) : fmt::format("{}/{}", folder, name));
        if (colon == std::string_view::npos) return paths;
        path_value.remove_prefix(colon + 1);
    }
}

namespace {
constexpr uint32_t type_mask = 0170000, type_link = 0120000, type_folder = 0040000, type_file = 0100000;

std::string folder_of(const std::string& path)
{
    const std::size_t slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}
}  // namespace

Result<std::string> follow(RootView& root, std::string_view path)
{
    std::string left(path);
    std::string at = "/";
    for (int links = 0; !left.empty();) {
        const std::size_t start = left.find_first_not_of('/');
        if (start == std::string::npos) break;
        const std::size_t end = left.find('/', start);
        const std::string name = left.substr(start, end == std::string::npos ? end : end - start);
        left = end == std::string::npos ? "" : left.substr(end);
        if (name == ".") continue;
        if (name == "..") {
            at = folder_of(at);
            continue;
        }
        std::string next = at == "/" ? at : at + "/";
        next += name;
        const Result<HostStat> stat = root.stat(next);
        if (!stat.ok()) return stat.error();
        if ((stat->mode & type_mask) != type_link) {
            at = next;
            continue;
        }
        if (++links > 40) return ELOOP;
        const Result<std::string> target = root.read_link(next);
        if (!target.ok()) return target.error();
        left.insert(0, *target);
        if (target->starts_with('/')) at = "/";
    }
    return at;
}

namespace {
/// The start of a program, as far as it is needed to say what it is.
struct Head {
    std::array<uint8_t, 4096> bytes{};
    std::size_t size = 0;

    [[nodiscard]] bool starts_with(std::string_view magic) const
    {
        return size >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
    }
    template <class T>
    [[nodiscard]] T at(std::size_t offset) const
    {
        T value{};
        if (offset + sizeof(T) <= size) std::memcpy(&value, bytes.data() + offset, sizeof(T));
        return value;
    }
};

constexpr std::size_t elf_header_size = 64, program_header_size = 56;
constexpr uint32_t pt_interp = 3;

std::string machine_name(uint16_t machine)
{
    switch (machine) {
        case 3:
            return "32-bit x86";
        case 8:
            return "MIPS";
        case 20:
            return "32-bit PowerPC";
        case 21:
            return "PowerPC";
        case 22:
            return "S/390";
        case 40:
            return "32-bit Arm";
        case 183:
            return "Arm";
        case 243:
            return "RISC-V";
        default:
            return fmt::format("processor number {}", machine);
    }
}

std::optional<std::string> interpreter_of(const Head& head)
{
    if (head.starts_with("#!")) {
        const std::string_view line(reinterpret_cast<const char*>(head.bytes.data()) + 2, head.size - 2);
        const std::size_t start = line.find_first_not_of(" \t");
        if (start == std::string_view::npos) return std::nullopt;
        return std::string(line.substr(start, line.find_first_of(" \t\n", start) - start));
    }
    const auto first = head.at<uint64_t>(32);
    const auto count = head.at<uint16_t>(56);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t header = first + i * program_header_size;
        if (header + program_header_size > head.size) break;
        if (head.at<uint32_t>(header) != pt_interp) continue;
        const auto offset = head.at<uint64_t>(header + 8);
        const auto size = head.at<uint64_t>(header + 32);
        if (size == 0 || offset > head.size || size > head.size - offset) break;
        return std::string(reinterpret_cast<const char*>(head.bytes.data()) + offset, size - 1);
    }
    return std::nullopt;
}

std::string explain_format(const Head& head)
{
    if (head.size == 0) return "the file is empty";
    if (!head.starts_with("\177ELF"))
        return "not an ELF program, and no #! in its first line; a script can be run as: norn run -- sh FILE";
    if (head.size < elf_header_size) return "its ELF header is cut off";
    if (head.bytes[4] != 2)
        return fmt::format("a program for {}; Norn runs x86-64", machine_name(head.at<uint16_t>(18)));
    if (head.bytes[5] != 1) return "a big-endian program; Norn runs x86-64";
    if (const auto machine = head.at<uint16_t>(18); machine != 62)
        return fmt::format("a program for {}; Norn runs x86-64", machine_name(machine));
    if (const auto type = head.at<uint16_t>(16); type != 2 && type != 3)
        return "an ELF file, but neither a program nor a shared object";
    return "its ELF headers are damaged";
}
}  // namespace

std::string shortened(const std::string& path)
{
    constexpr std::size_t longest = 200, part = 80;
    if (path.size() <= longest) return path;
    return path.substr(0, part) + "..." + path.substr(path.size() - part);
}

Failure explain_exec(RootView& root, const std::string& path, Errno error)
{
    const auto failure = [&](std::string_view why, int status) {
        return Failure{fmt::format("cannot run {}: {}", shortened(path), why), status};
    };
    const Result<std::string> real = follow(root, path);
    const Result<HostStat> stat = real.ok() ? root.stat(*real) : Result<HostStat>(real.error());
    if (!stat.ok()) return failure(errno_text(error), error == ENOENT || error == ENOTDIR ? 127 : 126);
    if ((stat->mode & type_mask) == type_folder) return failure("it is a directory", 126);
    if ((stat->mode & type_mask) != type_file) return failure("it is not a regular file", 126);

    Head head;
    const Result<std::size_t> size = root.read_page(*real, 0, head.bytes);
    if (!size.ok()) return failure(fmt::format("reading it failed: {}", errno_text(size.error())), 126);
    head.size = *size;
    if (error == ENOENT) {
        const auto interpreter = interpreter_of(head);
        return failure(fmt::format("its interpreter {} is not there", interpreter.value_or("")), 127);
    }
    if (error == EACCES && (stat->mode & 0111) == 0)
        return failure(fmt::format("it is not executable; chmod +x {} makes it so", path), 126);
    if (error == ELOOP)
        return failure("its #! line names a script, that one's another, and so on: too many for Linux", 126);
    if (error == ENOEXEC || error == EINVAL || error == ELIBBAD) return failure(explain_format(head), 126);
    return failure(errno_text(error), 126);
}

}  // namespace norn
