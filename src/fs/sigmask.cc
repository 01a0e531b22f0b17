#include "fs/sigmask.h"

#include "kernel/signal.h"
#include "kernel/wait_queue.h"
#include "mm/usercopy.h"

namespace norn {

Result<> begin_sigmask(Machine& m, TaskId self, UserPtr<uint64_t> mask, uint64_t size)
{
    if (!mask || resuming(m, self)) return {};
    if (size != sizeof(SigSet)) return EINVAL;
    const SigSet wanted = TRY(get_user(m, self, mask));
    Task& task = m.edit(self);
    task.saved_sigmask = task.blocked;
    task.flags |= task_restore_sigmask;
    set_blocked(m, self, wanted & ~never_blocked);
    return {};
}

Outcome<> end_sigmask(Machine& m, TaskId self, const Outcome<>& outcome)
{
    if (outcome.sleeps() || !(m[self].flags & task_restore_sigmask)) return outcome;
    const bool signal_first = outcome.error() == ERESTARTNOHAND || outcome.error() == EINTR;
    if (signal_first) return outcome;
    Task& task = m.edit(self);
    task.flags &= ~static_cast<uint32_t>(task_restore_sigmask);
    const SigSet saved = task.saved_sigmask;
    set_blocked(m, self, saved);
    return outcome;
}

}  // namespace norn
