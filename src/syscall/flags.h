// The names of flags and enumerated values, as strace shows them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace norn {

struct FlagName {
    uint64_t value;
    std::string_view name;
};

/// Names of one argument's values: one of them, or any of them joined by |.
struct FlagSet {
    std::string_view set;
    std::string_view prefix;  ///< of what has no name: "/* MADV_??? */"
    bool bits;                ///< joined by |
    std::span<const FlagName> names;
};

/// The set that an argument description names; null if there is none.
[[nodiscard]] const FlagSet* find_flag_set(std::string_view set);
[[nodiscard]] std::string show_flags(const FlagSet& set, uint64_t value);
/// By name of the set; the value in hex if there is no such set.
[[nodiscard]] std::string show_flags(std::string_view set, uint64_t value);
/// "SIGCHLD", "SIGRT_3".
[[nodiscard]] std::string signal_name(int signal);

}  // namespace norn
