// The one tap of lifecycle events. Traces, timelines, statistics and detectors subscribe; with no
// subscriber it costs a test of a bit.
#pragma once

#include <cstdint>

namespace norn {

class Machine;
struct SigInfo;

enum class EventKind : uint8_t {
    clone,            ///< task: the child; a: parent's pid; b: clone flags
    exec,             ///< task; a: 0
    exit,             ///< task; a: exit code as wait4 gives it
    zombie,           ///< task
    reap,             ///< task: who is reaped; a: by whom
    reparent,         ///< task; a: new parent's pid
    runnable,         ///< task woke; a: 0, b: 0
    running,          ///< task got the processor; a: cpu
    sleep,            ///< task; a: QueueKind, b: system call number
    stop,             ///< task; a: signal
    cont,             ///< task
    signal_generate,  ///< task: target; a: signal; b: sender's pid
    signal_deliver,   ///< task; a: signal
    signal_ignore,    ///< task; a: signal
    pid_allocate,     ///< a: number
    pid_free,         ///< a: number
    syscall_enter,    ///< task; a: number
    syscall_exit,     ///< task; a: number; b: result
    fault,            ///< task; a: vector; b: address
    oom_kill,         ///< task
    unsupported,      ///< task; a: system call number, or ~0 for an instruction; b: rip
};

/// Kinds of events, a bit each.
using EventSet = uint32_t;
inline constexpr EventSet all_events = ~0u;
constexpr EventSet event_bit(EventKind kind)
{
    return 1u << static_cast<unsigned>(kind);
}

struct Event {
    EventKind kind;
    uint32_t pid = 0;  ///< thread's number
    uint32_t tgid = 0;
    uint64_t time_ns = 0;
    uint64_t a = 0, b = 0;
    const SigInfo* info = nullptr;  ///< the three signal kinds; good during the call
};

class Events {
  public:
    virtual ~Events() = default;
    /// What it wants to hear of; asked when a run begins. All else costs a test of a bit.
    [[nodiscard]] virtual EventSet wanted() const { return all_events; }
    /// The machine is as it is right after the transition (before it for syscall_enter).
    virtual void event(const Machine& machine, const Event& event) = 0;
};

}  // namespace norn
