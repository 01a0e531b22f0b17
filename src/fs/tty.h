// Terminals (tty_ioctl(4), termios(3)): modes, line discipline, job control. Reading, writing and ioctl
// of an open terminal are in fs/ops.h.
#pragma once

#include <span>

#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

/// A terminal in Linux's initial modes, with one reference.
[[nodiscard]] TtyId new_tty(Machine& m);
void hold_tty(Machine& m, TtyId tty);
void put_tty(Machine& m, TtyId tty);

/// A file on `tty` was opened: without O_NOCTTY it becomes the controlling terminal of a session leader
/// that has none.
void tty_opened(Machine& m, TaskId self, TtyId tty, uint32_t open_flags);

/// Bytes typed: line editing, echo, signals to the foreground group.
void tty_input(Machine& m, TtyId tty, std::span<const uint8_t> bytes);
/// The other side hung up: readers see the end, the session's leader gets SIGHUP.
void tty_hangup(Machine& m, TtyId tty);
void tty_resize(Machine& m, TtyId tty, uint16_t rows, uint16_t columns);

/// A session's leader ended: the terminal loses its session, the foreground group gets SIGHUP and SIGCONT
/// (disassociate_ctty).
void tty_session_ended(Machine& m, SignalId leader);
/// Device number of a terminal as /proc/PID/stat shows it; 0 for none.
[[nodiscard]] uint64_t tty_rdev(const Machine& m, TtyId tty);

}  // namespace norn
