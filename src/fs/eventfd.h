// Files that are neither on a tree nor pipes: eventfd(2), timerfd_create(2), signalfd(2), pidfd_open(2).
#pragma once

#include "fs/ops.h"

namespace norn {

[[nodiscard]] Outcome<> eventfd_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to);
[[nodiscard]] Outcome<> eventfd_write(Machine& m, TaskId self, FileId file, std::span<const IoVec> from);
[[nodiscard]] Outcome<> timerfd_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to);
[[nodiscard]] Outcome<> signalfd_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to);
/// A timerfd's timer fired: counts it, arms it for the next time and wakes readers.
void timerfd_expired(Machine& m, TimerId timer);
void timerfd_release(Machine& m, FileId file);

/// Poll events of the four kinds that hold now; signalfd's depend on who asks.
[[nodiscard]] uint32_t event_ready(const Machine& m, TaskId self, FileId file);
void event_queues(const Machine& m, TaskId self, FileId file, PollQueues& queues);
void event_release(Machine& m, FileId file);
/// A file with an inode of its own on the anonymous file system; one reference.
[[nodiscard]] FileId new_anon_file(Machine& m, FileKind kind, uint32_t flags);
/// Gives such a file a descriptor, or takes it back. EMFILE.
[[nodiscard]] Result<int> install_anon_file(Machine& m, TaskId self, FileId file, bool cloexec);

}  // namespace norn
