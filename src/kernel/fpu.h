// Vector state of a task that is not running: packed, so that a thread that touched few lanes is small.
#pragma once

#include "norn/machine.h"
#include "x86/cpu.h"

namespace norn {

/// The task's x87, MMX and SSE state.
[[nodiscard]] x86::Fpu load_fpu(const Machine& m, TaskId task);
/// Packs `fpu` into the task's record; the initial state takes no room.
void store_fpu(Machine& m, TaskId task, const x86::Fpu& fpu);
/// Back to the initial state.
void free_fpu(Machine& m, TaskId task);

}  // namespace norn
