// Descriptors that name a process (pidfd_open(2)).
#pragma once

#include "norn/machine.h"
#include "norn/result.h"
#include "norn/user_ptr.h"

namespace norn {

/// The descriptor of CLONE_PIDFD, stored at `to`. EMFILE, EFAULT; then nothing is left open.
[[nodiscard]] Result<> open_clone_pidfd(Machine& m, TaskId self, PidId pid, UserPtr<int> to);
/// Has the process of a pidfd ended, so that its parent may reap it?
[[nodiscard]] bool pidfd_ended(const Machine& m, PidId pid);

}  // namespace norn
