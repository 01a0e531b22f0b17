// Between the kernel and a guest's memory. Faults pages in as the processor would; EFAULT where it
// would fault. A copy that fails half-way has copied what was good (as copy_to_user does).
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "norn/machine.h"
#include "norn/result.h"
#include "norn/user_ptr.h"

namespace norn {

/// Bytes copied before the first bad address; all of them if none.
[[nodiscard]] std::size_t read_user(Machine& m, MmId mm, uint64_t from, std::span<uint8_t> to);
[[nodiscard]] std::size_t write_user(Machine& m, MmId mm, uint64_t to, std::span<const uint8_t> from);
/// The same for somebody who only looks, without faulting anything in.
[[nodiscard]] std::size_t peek_user(const Machine& m, MmId mm, uint64_t from, std::span<uint8_t> to);
/// Writes where the mapping is not writable for the program too (ptrace, exec), but never to shared
/// read-only memory.
[[nodiscard]] std::size_t force_write_user(Machine& m, MmId mm, uint64_t to, std::span<const uint8_t> from);

template <class T>
Result<T> get_user(Machine& m, TaskId self, UserPtr<T> from)
{
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    if (read_user(m, m[self].mm, from.address, {reinterpret_cast<uint8_t*>(&value), sizeof(T)}) != sizeof(T))
        return EFAULT;
    return value;
}

template <class T>
Result<> put_user(Machine& m, TaskId self, UserPtr<T> to, const T& value)
{
    static_assert(std::is_trivially_copyable_v<T>);
    if (write_user(m, m[self].mm, to.address, {reinterpret_cast<const uint8_t*>(&value), sizeof(T)}) !=
        sizeof(T))
        return EFAULT;
    return {};
}

/// A string of at most `limit` bytes without its NUL; `too_long` if there is no NUL in that many.
[[nodiscard]] Result<std::string> get_string(Machine& m, TaskId self, UserStr from, std::size_t limit,
                                             Errno too_long);
/// A path name: ENAMETOOLONG past PATH_MAX (4096 with the NUL).
[[nodiscard]] Result<std::string> get_path(Machine& m, TaskId self, UserStr from);

struct IoVec {
    uint64_t base = 0;
    uint64_t length = 0;
};
/// readv(2)'s array. EINVAL: more than 1024 or a sum over SSIZE_MAX; the sum is capped at 0x7ffff000.
[[nodiscard]] Result<std::vector<IoVec>> get_iovec(Machine& m, TaskId self, UserPtr<IoVec> from,
                                                   uint64_t count);

}  // namespace norn
