// Finding a program in a root, and saying why it cannot be run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "norn/expected.h"
#include "norn/host.h"

namespace norn {

/// The paths at which execvp(3) would look for `name`, given PATH's value.
[[nodiscard]] std::vector<std::string> search_paths(std::string_view name, std::string_view path_value);

/// Where an absolute path leads once every link on the way is followed. ENOENT, ENOTDIR, EACCES, ELOOP.
[[nodiscard]] Result<std::string> follow(RootView& root, std::string_view path);

/// A path as messages show it: of one that is very long, the beginning and the end.
[[nodiscard]] std::string shortened(const std::string& path);

/// What is the matter with the program at `path`, which execve refused with `error`: the sentence to
/// print and the exit status (126 or 127).
[[nodiscard]] Failure explain_exec(RootView& root, const std::string& path, Errno error);

}  // namespace norn
