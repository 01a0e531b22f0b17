// What is needed to put the terminal back is in static storage: a handler of a fatal signal, and exit,
// see nothing else.
#include "host/terminal.h"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>

namespace norn {

namespace {

struct Saved {
    termios modes;
    std::atomic<int> fd{-1};  ///< the terminal to put back; -1: none is changed
};
Saved saved;

/// Async-signal-safe.
void put_back()
{
    const int fd = saved.fd.exchange(-1);
    if (fd >= 0) tcsetattr(fd, TCSADRAIN, &saved.modes);
}

void put_back_and_die(int signal)
{
    put_back();
    raise(signal);  // SA_RESETHAND: this time it kills
}

constexpr std::array<int, 6> fatal_signals = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGXCPU};

/// Handlers that are there already (the engine's own) are left alone.
void guard_against_death()
{
    std::atexit(put_back);
    struct sigaction dying = {};
    dying.sa_handler = put_back_and_die;
    dying.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER | SA_ONSTACK);
    for (const int signal : fatal_signals) {
        struct sigaction present = {};
        if (sigaction(signal, nullptr, &present) == 0 && present.sa_handler == SIG_DFL)
            sigaction(signal, &dying, nullptr);
    }
}

}  // namespace

TerminalSize terminal_size(int fd)
{
    winsize size = {};
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return {};
    return {size.ws_row, size.ws_col};
}

TerminalSize TerminalModes::size() const
{
    return terminal_size(fd_);
}

void TerminalModes::enter()
{
    if (saved.fd >= 0 || tcgetpgrp(fd_) != getpgrp() || tcgetattr(fd_, &saved.modes) != 0) return;
    static const bool guarded = (guard_against_death(), true);
    (void)guarded;
    termios modes = saved.modes;
    if (whole_)
        cfmakeraw(&modes);
    else
        modes.c_oflag &= ~static_cast<tcflag_t>(OPOST);
    saved.fd = fd_;
    tcsetattr(fd_, TCSADRAIN, &modes);
}

void TerminalModes::take_keys()
{
    leave();
    whole_ = true;
    enter();
}

void TerminalModes::leave()
{
    put_back();
}

}  // namespace norn
