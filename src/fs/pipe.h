// Pipes and FIFOs (pipe(7)).
#pragma once

#include "fs/ops.h"

namespace norn {

/// A pipe with no ends open; goes with its inode.
[[nodiscard]] PipeId new_pipe(Machine& m);
void free_pipe(Machine& m, PipeId pipe);

/// Counts an open description in, by its access mode, and wakes those who wait for the other end.
void pipe_open_end(Machine& m, FileId file);
/// The last reference to a description goes.
void pipe_release(Machine& m, FileId file);

/// How bytes go through a pipe, or through a socket's queue, which is one.
struct PipeMode {
    bool nonblock = false;
    bool packets = false;     ///< each write is a packet of its own, or
    bool whole = false;       ///< however long it is; else one a page
    bool quiet = false;       ///< no SIGPIPE
    bool look = false;        ///< what is read stays (MSG_PEEK)
    bool all = false;         ///< reads until the buffer is full (MSG_WAITALL)
    uint64_t timeout_ns = 0;  ///< how long to wait at most; 0: for ever
};
[[nodiscard]] Outcome<> pipe_take(Machine& m, TaskId self, PipeId pipe, std::span<const IoVec> to,
                                  const PipeMode& mode);
[[nodiscard]] Outcome<> pipe_put(Machine& m, TaskId self, PipeId pipe, std::span<const IoVec> from,
                                 const PipeMode& mode);
[[nodiscard]] bool pipe_is_full(const Machine& m, PipeId pipe);

[[nodiscard]] Outcome<> pipe_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to);
[[nodiscard]] Outcome<> pipe_write(Machine& m, TaskId self, FileId file, std::span<const IoVec> from);
[[nodiscard]] uint32_t pipe_ready(const Machine& m, FileId file);
void pipe_queues(const Machine& m, FileId file, PollQueues& queues);
/// The size of the first packet.
[[nodiscard]] uint64_t pipe_packet(const Machine& m, PipeId pipe);
/// So that it holds at least so many buffers.
void pipe_make_room(Machine& m, PipeId pipe, uint32_t buffers);
/// Bytes that can be read now (FIONREAD).
[[nodiscard]] uint64_t pipe_bytes(const Machine& m, PipeId pipe);
/// Bytes that certainly fit in now, whole buffers only.
[[nodiscard]] uint64_t pipe_room(const Machine& m, PipeId pipe);
/// Copies bytes from the front; takes them out unless they are only looked at (tee).
[[nodiscard]] std::size_t pipe_copy_out(Machine& m, PipeId pipe, std::span<uint8_t> to, bool take);
/// One more buffer with these bytes, a page of them at most, apart from what is there; there is room for it.
[[nodiscard]] Result<uint64_t> pipe_append(Machine& m, PipeId pipe, std::span<const uint8_t> bytes);
/// As many of these bytes as there is room for, joined to what is there.
std::size_t pipe_push(Machine& m, PipeId pipe, std::span<const uint8_t> bytes);
/// Where a splice waits for bytes, or for room.
[[nodiscard]] Sleep pipe_sleep(PipeId pipe, bool for_room);
[[nodiscard]] Result<int> set_pipe_size(Machine& m, TaskId self, PipeId pipe, uint32_t bytes);

}  // namespace norn
