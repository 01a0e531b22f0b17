// The rows of each area; table.cc makes one table of them.
#pragma once

#include <span>

#include "syscall/table.h"

namespace norn {

[[nodiscard]] std::span<const SyscallRow> rows_mm();
[[nodiscard]] std::span<const SyscallRow> rows_fs();
[[nodiscard]] std::span<const SyscallRow> rows_life();
[[nodiscard]] std::span<const SyscallRow> rows_run();

}  // namespace norn
