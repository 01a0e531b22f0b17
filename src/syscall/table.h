// One row a system call: number, name, typed arguments, handler. Dispatch, strace, /proc/PID/syscall,
// coverage and the reference page all read it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "norn/machine.h"
#include "norn/result.h"
#include "norn/user_ptr.h"

namespace norn {

/// How an argument is shown by strace and in the reference.
enum class ArgKind : uint8_t {
    number,
    unsigned_number,
    size,
    hex,
    fd,
    dirfd,
    pid,
    signal,
    path,
    string,
    address,
    buffer_in,
    buffer_out,
    mode_octal,
    flags,
    structure,
    argv,
    envp,
};

struct ArgDescription {
    std::string_view name;
    ArgKind kind = ArgKind::number;
    std::string_view flag_set = {};  ///< flags: which set of names ("open", "mmap_prot", …); structure: which
};

struct SyscallRow {
    uint16_t number = 0;
    std::string_view name;
    uint8_t arguments = 0;
    std::array<ArgDescription, 6> argument{};
    /// The handler, with its typed arguments taken from the six registers.
    Outcome<> (*invoke)(Machine& m, TaskId self, const std::array<uint64_t, 6>& registers) = nullptr;
};

/// One past the highest number that Linux gave out.
inline constexpr uint64_t syscall_limit = 512;

/// The row of a number; null if Norn does not have this call.
[[nodiscard]] const SyscallRow* syscall_row(uint64_t number);
[[nodiscard]] std::span<const SyscallRow> syscall_rows();
/// Linux's name of a number even where Norn does not have it; empty if Linux has none.
[[nodiscard]] std::string_view syscall_name(uint64_t number);

/// Makes a row from a handler `Outcome/Result<R> f(Machine&, TaskId, A…)` or `(const Machine&, TaskId, A…)`;
/// the argument types come from its signature: integers are narrowed as the C prototype would, UserPtr
/// and UserStr are addresses.
template <auto Handler>
constexpr SyscallRow row(uint16_t number, std::string_view name,
                         std::array<ArgDescription, 6> arguments = {});

}  // namespace norn

#include "syscall/row.inc"
