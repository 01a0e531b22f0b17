// From an exception of the processor to the signal that Linux sends for it (sigaction(2), signal(7)).
#pragma once

#include "norn/machine.h"
#include "x86/engine.h"

namespace norn {

/// The task met an exception (`exit.kind` is fault): remembers vector, error code and address for the
/// signal frame, and forces the signal. For a page fault `exit.code` is a packed FaultReason.
void raise_trap(Machine& m, TaskId self, const x86::Exit& exit);

}  // namespace norn
