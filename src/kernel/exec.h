// Replacing a process's program (execve(2), execveat(2)).
#pragma once

#include <string>
#include <vector>

#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

/// Loads a program into a task that runs no other yet (the first of a machine).
[[nodiscard]] Result<> exec_first(Machine& m, TaskId self, const std::string& path,
                                  const std::vector<std::string>& argv, const std::vector<std::string>& envp);

}  // namespace norn
