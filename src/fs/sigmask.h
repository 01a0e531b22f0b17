// The signal mask of a call that waits with one of its own (ppoll(2), pselect(2), epoll_pwait(2)).
#pragma once

#include "norn/machine.h"
#include "norn/result.h"
#include "norn/user_ptr.h"

namespace norn {

/// Puts the mask in force, if one is given; a call that is entered again has done so already. EINVAL, EFAULT.
[[nodiscard]] Result<> begin_sigmask(Machine& m, TaskId self, UserPtr<uint64_t> mask, uint64_t size);
/// Puts the old mask back, unless the call sleeps, or a signal's handler is to run first.
[[nodiscard]] Outcome<> end_sigmask(Machine& m, TaskId self, const Outcome<>& outcome);

}  // namespace norn
