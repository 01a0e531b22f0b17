// From a `syscall` instruction to a handler and back.
//
//  E1  While a task is inside a call, `orig_rax` is its number and rax still holds what it came with; the
//      result is stored once, when the handler has finished.
//  E2  A call that sleeps is entered again from the top, with the same registers (norn/sleep.h).
//  E3  A call that ends with ERESTART_RESTARTBLOCK leaves what it kept; restart_syscall enters it again.
#pragma once

#include "norn/machine.h"

namespace norn {

enum class Served : uint8_t {
    done,         ///< the result is in rax
    asleep,       ///< parked
    gone,         ///< the task does not run any more: it ended
    unsupported,  ///< ENOSYS is in rax, because Norn does not have this call
};

/// The task is right after a `syscall` instruction, with its registers in its record.
Served enter_syscall(Machine& m, TaskId self);
/// The task woke inside a call.
Served resume_syscall(Machine& m, TaskId self);

/// Is the task's `syscall` one of the vDSO's? Those are not seen by strace, ptrace and seccomp.
[[nodiscard]] bool called_from_vdso(const Machine& m, TaskId self);

/// The six argument registers.
[[nodiscard]] std::array<uint64_t, 6> syscall_arguments(const Task& task);

}  // namespace norn
