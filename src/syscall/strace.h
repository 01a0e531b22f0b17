// Prints system calls, signals and ends of tasks as strace(1) does.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "norn/event.h"
#include "norn/machine.h"
#include "syscall/strace_show.h"

namespace norn {

enum class StraceClock : uint8_t { none, seconds, microseconds };

struct StraceOptions {
    bool follow = true;                     ///< -f: descendants and threads, too
    uint32_t pid = 0;                       ///< -p: from this task on; 0: from the first one that calls
    std::vector<std::string> calls;         ///< -e trace=…: these alone; empty: all
    StraceClock clock = StraceClock::none;  ///< -t, -tt
    bool durations = false;                 ///< -T
    bool paths = false;                     ///< -y: descriptors with what they name
};

/// A subscriber that writes what `strace -f` would. `write` gets pieces of text; a line that is not
/// ended yet is a call that has not returned.
class StraceWriter final : public Events {
  public:
    using Write = std::function<void(std::string_view)>;
    explicit StraceWriter(Write write, StraceOptions options = {});
    void event(const Machine& machine, const Event& event) override;

  private:
    struct Tracee {
        bool in_call = false;
        bool hidden = false;    ///< the call is not among those to show
        uint64_t since_ns = 0;  ///< when it was made
        uint64_t number = 0;
        std::string name;
        std::array<uint64_t, 6> args{};
        std::size_t shown = 0;             ///< arguments shown at entry
        int killer = 0;                    ///< the last signal shown
        std::optional<SigInfo> sent;       ///< the last one that was sent to it
        std::vector<std::string> signals;  ///< that came during the call, shown after it
    };

    Tracee& tracee(const Machine& m, const Event& event);
    void show_start(const Machine& m, const Event& event);
    void attach(const Event& event);
    void enter(const Machine& m, const Event& event);
    void leave(const Machine& m, const Event& event);
    void show_exit(const Machine& m, const Event& event, const Tracee& task);
    void signal(const Machine& m, const Event& event);
    void show_signal(uint32_t pid, Tracee& task, int signo, const SigInfo* info);
    void end(const Machine& m, const Event& event);
    void entry_arguments(strace::Show& show, Tracee& task);
    void exit_arguments(strace::Show& show, const Tracee& task);
    void whole_line(uint32_t pid, std::string_view text);
    [[nodiscard]] bool follows(const Event& event) const;
    [[nodiscard]] bool shows(std::string_view call) const;
    void begin_line(uint32_t pid);
    void resume_line(uint32_t pid, const Tracee& task);
    void finish_line(std::string_view result);
    void put(std::string_view text);

    Write write_;
    StraceOptions options_;
    std::map<uint32_t, Tracee> tracees_;
    bool started_ = false;
    uint32_t open_pid_ = 0;  ///< whose line is not ended; 0: none's
    std::size_t column_ = 0;
    std::vector<std::pair<uint32_t, std::string>> late_;  ///< lines of others, for when the open one ends
    std::string clock_;                                   ///< what -t and -tt put before a line
};

}  // namespace norn
