// Terminals (tty_ioctl(4), termios(3)): modes, line discipline, job control.
//
//  Y1  What was typed and not read is in `Tty::input`, from `tail` to `head`. In canonical mode only what
//      is before `canon_head` can be read, and each line in it ends at a byte marked in `line_ends`.
//  Y2  A terminal with a session is the controlling terminal (`Signal::tty`) of processes of that session
//      and of no others; a session has at most one.
#pragma once

#include <span>

#include "fs/ops.h"
#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

enum TtyFlag : uint32_t {
    tty_stopped = 1,  ///< ^S
    tty_literal = 2,  ///< after LNEXT: the next byte is taken as it is
    tty_erasing = 4,  ///< ECHOPRT: between \ and /
    tty_hung_up = 8,
    tty_exclusive = 16,  ///< TIOCEXCL
    tty_locked = 32,     ///< a pseudo-terminal before unlockpt(3)
    tty_was_open = 64,   ///< a pseudo-terminal whose own side was opened once
};

/// A terminal in Linux's initial modes, with one reference.
[[nodiscard]] TtyId new_tty(Machine& m);
void hold_tty(Machine& m, TtyId tty);
void put_tty(Machine& m, TtyId tty);
/// An open file of the terminal's own side goes.
void tty_release(Machine& m, TtyId tty);

/// Makes it the controlling terminal of `self`, the leader of a session without one.
void set_controlling_tty(Machine& m, TaskId self, TtyId tty);
/// A file on `tty` was opened: without O_NOCTTY it becomes the controlling terminal of a session leader
/// that has none.
void tty_opened(Machine& m, TaskId self, TtyId tty, uint32_t open_flags);

/// Bytes typed: line editing, echo, signals to the foreground group.
void tty_input(Machine& m, TtyId tty, std::span<const uint8_t> bytes);
/// The other side hung up: readers see the end, the session's leader gets SIGHUP.
void tty_hangup(Machine& m, TtyId tty);
void tty_resize(Machine& m, TtyId tty, uint16_t rows, uint16_t columns);

[[nodiscard]] uint32_t tty_ready(const Machine& m, FileId file);
/// ioctl(2) requests of terminals; ENOTTY for others.
[[nodiscard]] Outcome<> tty_ioctl(Machine& m, TaskId self, FileId file, uint32_t request, uint64_t argument);
/// May a process in the background do this (SIGTTIN, SIGTTOU)? EIO, or stopped on the way.
[[nodiscard]] Result<> tty_check_change(Machine& m, TaskId self, TtyId tty, int signal);

/// A session's leader ended: the terminal loses its session, the foreground group gets SIGHUP
/// (disassociate_ctty).
void tty_session_ended(Machine& m, SignalId leader);
/// Device number of a terminal as /proc/PID/stat shows it; 0 for none.
[[nodiscard]] uint64_t tty_rdev(const Machine& m, TtyId tty);
inline constexpr uint32_t pts_major = 136;

}  // namespace norn
