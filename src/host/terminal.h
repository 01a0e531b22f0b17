// The terminal that Norn runs on: its modes while a machine has it, and its size.
#pragma once

#include <cstdint>
#include <optional>

namespace norn {

struct TerminalSize {
    uint16_t rows = 24, columns = 80;
};

/// Changes the terminal's modes for as long as it lives, and puts them back whatever ends the process,
/// SIGKILL aside. One at a time in a process.
class TerminalModes {
  public:
    /// `whole`: every byte typed reaches us as it is. Otherwise only output passes unchanged, and the
    /// terminal goes on turning ^C into SIGINT.
    TerminalModes(int fd, bool whole) : fd_(fd), whole_(whole) { enter(); }
    ~TerminalModes() { leave(); }
    TerminalModes(const TerminalModes&) = delete;
    TerminalModes& operator=(const TerminalModes&) = delete;

    /// Does nothing while Norn is in the background: the terminal is someone else's then.
    void enter();
    void leave();
    /// From here on every byte that is typed reaches us as it is.
    void take_keys();
    [[nodiscard]] TerminalSize size() const;

  private:
    int fd_;
    bool whole_;
};

[[nodiscard]] TerminalSize terminal_size(int fd);

}  // namespace norn
