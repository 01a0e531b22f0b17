// What this kernel says it is (uname(2), /proc/version, /proc/sys/kernel).
#pragma once

#include <string_view>

namespace norn {

inline constexpr std::string_view uts_sysname = "Linux";
inline constexpr std::string_view uts_release = "6.18.0";
inline constexpr std::string_view uts_version = "#1 SMP PREEMPT_DYNAMIC Norn";
inline constexpr std::string_view uts_machine = "x86_64";

}  // namespace norn
