// Asserts that stay on in every build. They guard Norn's own invariants; nothing a guest does may
// trip one.
#pragma once

namespace norn {

/// Prints what is broken, where, and what `describe_current` knows of the run, and aborts.
[[noreturn]] void assert_failed(const char* condition, const char* file, int line);

}  // namespace norn

#define NORN_ASSERT(condition)                                     \
    do {                                                           \
        if (!(condition)) [[unlikely]]                             \
            ::norn::assert_failed(#condition, __FILE__, __LINE__); \
    } while (false)
