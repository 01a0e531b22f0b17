// The line discipline's two halves: what is typed, and what is shown (n_tty.c).
#pragma once

#include <string>
#include <string_view>

#include "fs/termios.h"
#include "fs/tty.h"

namespace norn {

inline constexpr uint32_t tty_ring = 4096;
inline constexpr uint32_t line_limit = tty_ring - 1;  ///< the last byte is kept for the end of the line
inline constexpr uint32_t tab_width = 8;

/// Control character that cannot be typed (_POSIX_VDISABLE); also marks an end of file in the input.
inline constexpr uint8_t tty_disabled = 0;

[[nodiscard]] inline bool is_control(uint8_t byte)
{
    return byte < 0x20 || byte == 0x7f;
}
/// A byte of a UTF-8 character after its first, if the terminal's modes say that input is UTF-8.
[[nodiscard]] inline bool is_continuation(const Tty& tty, uint8_t byte)
{
    return (tty.iflag & iflag_iutf8) && (byte & 0xc0) == 0x80;
}
[[nodiscard]] inline bool line_end_at(const Tty& tty, uint32_t at)
{
    return tty.line_ends[at % tty_ring / 64] >> (at % 64) & 1;
}

/// What `text` becomes on its way to the screen; moves the cursor's column.
[[nodiscard]] std::string process_output(Tty& tty, std::string_view text);
/// Sends processed output to the terminal's other side.
[[nodiscard]] Result<> tty_show(Machine& m, TtyId tty, std::string_view processed);

/// Bytes that a read could return now.
[[nodiscard]] uint32_t tty_available(const Tty& tty);
/// How many bytes can be typed before some are lost that a read could make room for.
[[nodiscard]] uint32_t room_to_type(const Tty& tty);
/// Throws away what was typed and not read.
void flush_input(Tty& tty);

}  // namespace norn
