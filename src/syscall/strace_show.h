// Arguments as strace shows them: numbers, strings, flags, structures in the guest's memory.
#pragma once

#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "kernel/signal.h"
#include "mm/usercopy.h"
#include "norn/machine.h"
#include "syscall/table.h"

namespace norn::strace {

/// A call of a task while it is shown: where to look and where to write.
struct Show {
    const Machine& m;
    MmId mm;
    std::string& out;
    const std::array<uint64_t, 6>& args;
    bool exiting = false;  ///< the call is over: `result` tells how
    int64_t result = 0;
    uint64_t stack_pointer = 0;
    bool shows_output = false;  ///< the argument in hand is one that the call fills
    TaskId whose_files =
        {};  ///< -y: descriptors of this task are shown with what they name; none: they are not

    [[nodiscard]] bool failed() const { return exiting && result < 0 && result > -4096; }
    template <class T>
    [[nodiscard]] std::optional<T> peek(uint64_t address) const
    {
        static_assert(std::is_trivially_copyable_v<T>);
        std::array<uint8_t, sizeof(T)> bytes;
        if (peek_user(m, mm, address, bytes) != sizeof(T)) return std::nullopt;
        T value;
        std::memcpy(&value, bytes.data(), sizeof(T));
        return value;
    }
    void text(std::string_view what) { out += what; }
};

inline constexpr std::size_t string_limit = 32;

/// A descriptor (of a `directory`: or AT_FDCWD); with -y also what it names.
[[nodiscard]] std::string fd_text(const Show& s, int32_t fd, bool directory = false);
/// "NULL" or hex.
void show_address(Show& s, uint64_t address);
/// Quoted bytes, escaped, cut at `string_limit` with "...".
void show_bytes(Show& s, uint64_t address, uint64_t size);
/// A string up to its NUL; a path is never cut.
void show_string(Show& s, uint64_t address, bool path);
void show_signal_info(std::string& out, const SigInfo& info);
[[nodiscard]] std::string show_sigset(uint64_t set);
/// "1970-01-01T00:00:01+0000".
[[nodiscard]] std::string show_date(int64_t seconds, int64_t nanoseconds);
/// Descriptors of a set.
void show_fd_set(Show& s, uint64_t address, uint64_t limit);

/// A structure at an address; false when there is no such kind or it cannot be read.
bool show_structure(Show& s, std::string_view kind, uint64_t address);
/// One argument, as its description says.
void show_argument(Show& s, const ArgDescription& how, std::size_t index);

/// How an argument is described where a call's row is too general, and when it is known.
struct Shape {
    ArgDescription how;
    bool out = false;  ///< shown when the call is over
};
[[nodiscard]] Shape shape_of(const SyscallRow& row, std::size_t index, const std::array<uint64_t, 6>& args);
/// How many arguments are shown (openat has no mode without O_CREAT).
[[nodiscard]] std::size_t shown_arguments(const SyscallRow& row, const std::array<uint64_t, 6>& args);

/// Calls that are shown in their own way: all of what is known at entry, and the rest.
struct Special {
    std::string_view name;
    void (*entry)(Show& s);
    void (*rest)(Show& s);
};
[[nodiscard]] const Special* special_of(std::string_view name);
/// The result, with what follows it in parentheses.
void show_result(Show& s, std::string_view name);

}  // namespace norn::strace
