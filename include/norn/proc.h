// Reading a machine's /proc from outside, between runs.
#pragma once

#include <string>
#include <string_view>

#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

/// What a file of /proc says, as one who may see all reads it, or where a link leads. `path` is absolute
/// ("/proc/1/status") or relative to /proc. ENOENT, ENOTDIR, EISDIR, and what the file itself answers.
[[nodiscard]] Result<std::string> proc_read(const Machine& machine, std::string_view path);

}  // namespace norn
