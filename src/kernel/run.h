// Running a machine: processors take turns, tasks run slices of instructions, system calls and faults
// are served in between.
#pragma once

#include "norn/machine.h"
#include "x86/engine.h"

namespace norn {

enum class StopReason : uint8_t {
    program_ended,  ///< PROGRAM has ended and nothing that counts is left
    deadlock,       ///< every task sleeps and nothing can wake one
    wants_input,    ///< every task sleeps; outside input could wake one
    time_limit,     ///< virtual time reached `until_ns`
    retired_limit,  ///< `until_retired` instructions retired
    choice,         ///< the first moment at which two tasks could run (explore branches here)
    host_memory,    ///< the host has no memory left; the machine stands before what needed it
    unsupported,    ///< a system call or instruction that Norn does not have, under on_unsupported=stop
};

struct RunLimits {
    uint64_t until_ns = never;
    uint64_t until_retired = never;
    ChoiceSet open_choices = all_choices;  ///< what the Decider is asked
    bool stop_at_first_choice = false;
    bool stop_on_unsupported = false;
};

/// Runs until one of the limits. What it returns is a boundary: registers are in the tasks, and the
/// machine may be copied, hashed and saved.
StopReason run(Machine& m, x86::Engine& engine, Decider& decider, Host& host, Events* events,
               const RunLimits& limits);

/// Gives the machine something from outside; a terminal's echo goes to `host`.
void arrive(Machine& m, const Arrival& arrival, Host& host);

}  // namespace norn
