// The standard streams of the outside, as files. Reading and writing an open one is in fs/ops.h.
//
//  O1  What came from outside and was not read yet is in the machine (`Inode::pages` of stream 0 from
//      `OutsideStream::consumed` to `Inode::size`); nothing is asked of the host while a call runs.
//  O2  A reader that finds nothing sleeps on QueueKind::outside with `outside_input`, which is what makes
//      the host read its standard input at all.
//  O3  A stream that is a terminal is a Tty (fs/tty.h); one that is /dev/null is that device.
#pragma once

#include <array>

#include "norn/host.h"
#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

/// Makes the three streams of a new machine; before `mount_initial`.
void outside_setup(Machine& m, const std::array<StreamSetup, 3>& streams);
/// A new open file description of stream 0, 1 or 2, with one reference, as PROGRAM inherits it.
[[nodiscard]] FileId outside_file(Machine& m, uint32_t stream);

/// Something came from outside: input, its end, a signal, a window size.
void outside_arrive(Machine& m, const Arrival& arrival);
/// Does some task sleep on outside input?
[[nodiscard]] bool outside_wanted(const Machine& m);

/// lseek(2) of a stream: ESPIPE unless it is a file.
[[nodiscard]] Result<uint64_t> outside_seek(Machine& m, FileId file, int64_t offset, int whence);

}  // namespace norn
