// An address in a guest's memory. It cannot be dereferenced: usercopy is the only way through it.
#pragma once

#include <cstdint>

namespace norn {

template <class T = void>
struct UserPtr {
    uint64_t address = 0;

    explicit operator bool() const { return address != 0; }
    /// The n-th T from here.
    [[nodiscard]] UserPtr operator+(uint64_t n) const { return {address + n * sizeof(T)}; }
    template <class U>
    [[nodiscard]] UserPtr<U> as() const
    {
        return {address};
    }
};

template <>
struct UserPtr<void> {
    uint64_t address = 0;
    explicit operator bool() const { return address != 0; }
    [[nodiscard]] UserPtr operator+(uint64_t bytes) const { return {address + bytes}; }
    template <class U>
    [[nodiscard]] UserPtr<U> as() const
    {
        return {address};
    }
};

/// A NUL-terminated string in a guest's memory.
using UserStr = UserPtr<char>;

}  // namespace norn
