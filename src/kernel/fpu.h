// Vector state of a task. Packed while the task does not run, so that a thread that touched few lanes is
// small; while it runs the state is the run loop's (`Machine::live_fpu`), and these functions find it there.
#pragma once

#include "norn/machine.h"
#include "x86/cpu.h"

namespace norn {

/// The task's x87, MMX and SSE state.
[[nodiscard]] x86::Fpu load_fpu(const Machine& m, TaskId task);
void load_fpu(const Machine& m, TaskId task, x86::Fpu& to);
void store_fpu(Machine& m, TaskId task, const x86::Fpu& fpu);
/// Packs `fpu` into the task's record; the initial state takes no room. When the task stops running.
void pack_fpu(Machine& m, TaskId task, const x86::Fpu& fpu);
/// `to`, which does not run, gets the state of `from`.
void copy_fpu(Machine& m, TaskId from, TaskId to);
/// Back to the initial state.
void free_fpu(Machine& m, TaskId task);

}  // namespace norn
