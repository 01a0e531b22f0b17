// Who runs Norn: what a program started natively would inherit.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace norn {

struct Caller {
    uint32_t uid = 0, gid = 0;
    std::vector<uint32_t> groups;  ///< sorted
    uint32_t umask = 022;
    std::string cwd;  ///< empty: it is gone
    std::vector<std::string> environment;
};

[[nodiscard]] Caller caller();
/// Is this descriptor a terminal?
[[nodiscard]] bool is_terminal(int fd);
/// 64 bits that nobody could have known.
[[nodiscard]] uint64_t fresh_random();
/// Raises the limit of open files as far as that goes. False: to less than Norn needs, which is
/// `needed_files`.
[[nodiscard]] bool allow_open_files();
inline constexpr unsigned needed_files = 300;
/// Processors that this process may use; at least 1.
[[nodiscard]] unsigned usable_processors();

}  // namespace norn
