// `#!` scripts. The line is looked for in the first 256 bytes only; the rules about where it may be cut
// are Linux's.
#include <string_view>

#include "kernel/binfmt.h"

namespace norn {

namespace {

constexpr int at_fdcwd = -100;

bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

std::size_t skip_blanks(std::string_view line, std::size_t from)
{
    while (from < line.size() && is_blank(line[from])) ++from;
    return from;
}

/// The end of a word: a blank or NUL, or the end of the line.
std::size_t word_end(std::string_view line, std::size_t from)
{
    while (from < line.size() && !is_blank(line[from]) && line[from] != '\0') ++from;
    return from;
}

/// The text between `#!` and the end of the line. ENOEXEC when the interpreter's name may be cut off.
Result<std::string_view> interpreter_line(std::string_view head)
{
    std::string_view line = head.substr(2);
    const std::size_t newline = line.find('\n');
    if (newline != std::string_view::npos) {
        line = line.substr(0, newline);
    } else {
        const std::size_t name = skip_blanks(line, 0);
        if (name == line.size() || word_end(line, name) == line.size()) return ENOEXEC;
        line = line.substr(0, line.size() - 1);
    }
    while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
    return line;
}

}  // namespace

bool is_script(const Binprm& program)
{
    return program.head[0] == '#' && program.head[1] == '!';
}

Result<> follow_script(Machine& m, TaskId self, Binprm& program)
{
    const std::string_view head(reinterpret_cast<const char*>(program.head.data()), program.head.size());
    const std::string_view line = TRY(interpreter_line(head));
    const std::size_t name_at = skip_blanks(line, 0);
    const std::size_t name_end = word_end(line, name_at);
    const std::string name(line.substr(name_at, name_end - name_at));
    if (name_at == line.size()) return ENOEXEC;
    if (name.empty()) return EACCES;  // a NUL: Linux opens "", the working directory
    if (program.path_inaccessible) return ENOENT;

    std::string argument;
    if (name_end < line.size() && line[name_end] != '\0') {
        const std::string_view rest = line.substr(skip_blanks(line, name_end));
        argument = std::string(rest.substr(0, rest.find('\0')));
    }
    std::vector<std::string> argv = {name};
    if (!argument.empty()) argv.push_back(argument);
    argv.push_back(program.interp);
    argv.insert(argv.end(), program.argv.begin() + 1, program.argv.end());
    TRY(open_program(m, self, at_fdcwd, name, 0, program));
    program.argv = std::move(argv);
    program.interp = name;
    return {};
}

}  // namespace norn
