// Readiness of files, and waiting for it (poll(2), select(2)).
#pragma once

#include "fs/ops.h"

namespace norn {

/// Poll events that hold now.
[[nodiscard]] uint32_t file_ready(const Machine& m, TaskId self, FileId file);
/// The queues that tell when that changes; none: it never does.
[[nodiscard]] PollQueues file_queues(const Machine& m, TaskId self, FileId file);

}  // namespace norn
