// The standard streams of the outside, as files. Reading and writing an open one is in fs/ops.h.
//
//  X1  What came from outside and may still be read is in the machine: pages of stream 0's inode, up to
//      `OutsideStream::arrived`; from `consumed` on, or all of it if the stream is a file, since that can
//      be sought in. Nothing is asked of the host while a call runs.
//  X2  A reader that finds nothing sleeps on QueueKind::outside with `outside_input`, which is what makes
//      the host read its standard input at all.
//  X3  A stream that is a terminal is the console, a Tty (fs/tty.h); one that is /dev/null is that device.
#pragma once

#include <array>
#include <span>

#include "mm/usercopy.h"
#include "norn/host.h"
#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

enum OutsideState : uint8_t {
    outside_open,
    outside_ended,   ///< input: no more will come; output: the reader has gone
    outside_failed,  ///< input could not be kept: reading on is EIO
};

/// Makes the three streams of a new machine; before `mount_initial`.
void outside_setup(Machine& m, const std::array<StreamSetup, 3>& streams);
/// Gives PROGRAM, whose descriptors 0 to 2 are free, the streams, and as the leader of a session the
/// terminal. They belong to its user from then on.
[[nodiscard]] Result<> outside_give(Machine& m, TaskId program);

/// Something came from outside: input, its end, a signal, a window size.
void outside_arrive(Machine& m, const Arrival& arrival);
/// Does some task sleep on outside input?
[[nodiscard]] bool outside_wanted(const Machine& m);
/// Does one of them sleep on keys of the terminal, where those are not standard input?
[[nodiscard]] bool outside_wants_keys(const Machine& m);
/// Can a key still be typed at a terminal, and so send a signal?
[[nodiscard]] bool outside_may_signal(const Machine& m);
/// How far into its standard input, if that is a file, the program has read.
[[nodiscard]] uint64_t outside_input_offset(const Machine& m);

/// Standard input that is a file can be read anywhere (pread(2)), without moving on in it.
[[nodiscard]] bool outside_reads_anywhere(const Machine& m, FileId file);
[[nodiscard]] Outcome<> outside_read_at(Machine& m, TaskId self, FileId file, std::span<const IoVec> to,
                                        uint64_t at);
/// lseek(2) of a stream: ESPIPE unless it is a file.
[[nodiscard]] Result<uint64_t> outside_seek(Machine& m, FileId file, int64_t offset, int whence);
[[nodiscard]] uint32_t outside_ready(const Machine& m, FileId file);
/// Bytes that can be read at once (FIONREAD).
[[nodiscard]] uint64_t outside_available(const Machine& m, FileId file);

}  // namespace norn
