// Signals that something can be read or written: O_ASYNC with F_SETOWN and F_SETSIG (fcntl(2)).
#pragma once

#include "norn/machine.h"

namespace norn {

/// Can the file send signals at all?
[[nodiscard]] bool has_async(const Machine& m, FileId file);
/// Switches O_ASYNC of an open file; `fd` is the descriptor that the signals will name.
void set_async(Machine& m, FileId file, bool on, int fd);
/// Something came into the queue (`readable`), or room was made in it: of a pipe, or of a socket, whose
/// queue is a pipe.
void kill_fasync(Machine& m, PipeId queue, bool readable);

}  // namespace norn
