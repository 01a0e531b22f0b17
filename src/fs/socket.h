// Sockets: connected pairs of the AF_UNIX family, and sockets that nobody answers.
#pragma once

#include "fs/ops.h"

namespace norn {

void socket_release(Machine& m, FileId file);
[[nodiscard]] Outcome<> socket_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to);
[[nodiscard]] Outcome<> socket_write(Machine& m, TaskId self, FileId file, std::span<const IoVec> from);
/// Bytes that can be read now (FIONREAD).
[[nodiscard]] uint64_t socket_bytes(const Machine& m, FileId file);
[[nodiscard]] uint32_t socket_ready(const Machine& m, FileId file);
void socket_queues(const Machine& m, FileId file, PollQueues& queues);

}  // namespace norn
