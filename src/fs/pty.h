// The master side of pseudo-terminals (pty(7), ptmx(4)).
//
//  M1  A terminal with `output` is a pseudo-terminal: what is shown lies there until its master reads it.
//  M2  The master's file holds one reference of it, each file of its own side one more: `slaves`.
//  M3  Its name in /dev/pts is there while the master is open.
#pragma once

#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

/// /dev/ptmx was opened: a new terminal with a name in the folder "pts" beside. ENODEV, ENOSPC.
[[nodiscard]] Result<> ptmx_open(Machine& m, TaskId self, FileId file);
/// The master ends: the terminal loses its name and hangs up.
void ptmx_release(Machine& m, TtyId tty);
[[nodiscard]] uint32_t ptmx_ready(const Machine& m, FileId file);
/// Requests of the master, and of its terminal through it.
[[nodiscard]] Outcome<> ptmx_ioctl(Machine& m, TaskId self, FileId file, uint32_t request, uint64_t argument);

}  // namespace norn
