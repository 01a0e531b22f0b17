// Numbers of tasks, process groups and sessions (pid.c).
//
//  P1  A number is taken while a task bears it or a process group or session is named by it; then it is
//      in MachineState::pids. `uses` counts those three.
//  P2  A record outlives its number while something refers to it (a pidfd).
#pragma once

#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

/// Numbers below this are given only before the first wrap.
inline constexpr uint32_t reserved_pids = 300;

/// Takes the next number, cyclic; for a task yet to come (`set_pid_task`). EAGAIN when none is free.
[[nodiscard]] Result<PidId> alloc_pid(Machine& m, TaskId asking);
/// Takes this very number. EEXIST.
[[nodiscard]] Result<PidId> alloc_pid_number(Machine& m, uint32_t number);
/// Gives back a number that nobody came to bear.
void discard_pid(Machine& m, PidId pid);
/// The same bearers, another number, which is free.
void renumber_pid(Machine& m, PidId pid, uint32_t number);
/// `task` bears the number from now on; none: nobody does.
void set_pid_task(Machine& m, PidId pid, TaskId task);
void hold_pid(Machine& m, PidId pid);
void put_pid(Machine& m, PidId pid);

/// Moves a process into a process group or session (from the one it is in, if any).
void change_pgrp(Machine& m, SignalId signal, PidId pgrp);
void change_session(Machine& m, SignalId signal, PidId session);
/// Takes an ending process out of both.
void leave_groups(Machine& m, SignalId signal);

}  // namespace norn
