// Bits and characters of terminal modes (termios(3)), for x86-64.
#pragma once

#include <array>
#include <cstdint>

namespace norn {

enum InputMode : uint32_t {
    iflag_ignbrk = 01,
    iflag_istrip = 040,
    iflag_inlcr = 0100,
    iflag_igncr = 0200,
    iflag_icrnl = 0400,
    iflag_iuclc = 01000,
    iflag_ixon = 02000,
    iflag_ixany = 04000,
    iflag_imaxbel = 020000,
    iflag_iutf8 = 040000,
};

enum OutputMode : uint32_t {
    oflag_opost = 01,
    oflag_olcuc = 02,
    oflag_onlcr = 04,
    oflag_ocrnl = 010,
    oflag_onocr = 020,
    oflag_onlret = 040,
    oflag_xtabs = 014000,
};

enum LocalMode : uint32_t {
    lflag_isig = 01,
    lflag_icanon = 02,
    lflag_echo = 010,
    lflag_echoe = 020,
    lflag_echok = 040,
    lflag_echonl = 0100,
    lflag_noflsh = 0200,
    lflag_tostop = 0400,
    lflag_echoctl = 01000,
    lflag_echoprt = 02000,
    lflag_echoke = 04000,
    lflag_iexten = 0100000,
};

enum ControlCharacter : uint8_t {
    vintr = 0,
    vquit = 1,
    verase = 2,
    vkill = 3,
    veof = 4,
    vtime = 5,
    vmin = 6,
    vstart = 8,
    vstop = 9,
    vsusp = 10,
    veol = 11,
    vreprint = 12,
    vwerase = 14,
    vlnext = 15,
    veol2 = 16,
};

/// struct termios as TCGETS gives it.
struct Termios {
    uint32_t iflag = 0, oflag = 0, cflag = 0, lflag = 0;
    uint8_t line = 0;
    std::array<uint8_t, 19> cc{};
};
static_assert(sizeof(Termios) == 36);

/// struct termios2 (TCGETS2).
struct Termios2 {
    Termios base;
    uint32_t ispeed = 0, ospeed = 0;
};

struct WindowSize {
    uint16_t rows = 0, columns = 0, xpixel = 0, ypixel = 0;
};

}  // namespace norn
