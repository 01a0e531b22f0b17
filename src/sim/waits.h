// What each task of a machine waits for, in words.
#pragma once

#include <string>
#include <vector>

#include "norn/machine.h"

namespace norn {

struct TaskWait {
    uint32_t pid = 0;
    std::string command, call, what;
};

/// Tasks with a program that have not ended, in order of their slots.
[[nodiscard]] std::vector<TaskWait> task_waits(const Machine& m);

/// "bash", as `comm` has it.
[[nodiscard]] std::string command_name(const Task& task);

}  // namespace norn
