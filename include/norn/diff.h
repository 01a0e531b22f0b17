// What a run changed in its files, and taking files out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "norn/machine.h"

namespace norn {

enum class ChangeKind : uint8_t { added, modified, removed };

struct ChangedFile {
    ChangeKind kind = ChangeKind::added;
    std::string path;
    uint32_t mode = 0;  ///< type and permissions; 0 for what was removed
    uint64_t size = 0;
};

/// Files that differ from the outside's, by path; not those on file systems that live in memory alone
/// (/dev, /dev/shm, /proc, /sys), nor what lies so deep that no path leads there.
[[nodiscard]] std::vector<ChangedFile> changed_files(const Machine& m);
[[nodiscard]] std::size_t count_changed_files(const Machine& m);
/// The bytes of a regular file. ENOENT, ENOTDIR, EISDIR, ELOOP; EINVAL for what has no contents.
[[nodiscard]] Result<std::string> read_file(const Machine& m, std::string_view path);

}  // namespace norn
