#include "kernel/robust_list.h"

#include "kernel/futex.h"
#include "kernel/task.h"
#include "mm/usercopy.h"

namespace norn {

namespace {
constexpr int longest_list = 2048;
constexpr int CAP_SYS_PTRACE_ = 19;

/// Bit 0 of an entry's address says that it is a LOCK_PI lock.
struct Entry {
    uint64_t address = 0;
    bool pi = false;
};

Entry decode(uint64_t raw)
{
    return {raw & ~1ull, (raw & 1) != 0};
}

/// False: the memory is bad, and the walk ends.
bool owner_died(Machine& m, TaskId self, uint64_t address, bool pi, bool pending)
{
    const UserPtr<uint32_t> word{address};
    if (address % 4 != 0) return false;
    const Result<uint32_t> value = get_user(m, self, word);
    if (!value.ok()) return false;
    // An unlock that stored zero but had not woken the next yet.
    if (pending && !pi && *value == 0) {
        futex_wake_address(m, self, address, 1);
        return true;
    }
    if ((*value & futex_tid_mask) != pid_nr(m, self)) return true;
    if (!put_user(m, self, word, (*value & futex_waiters) | futex_owner_died).ok()) return false;
    if (!pi && (*value & futex_waiters)) futex_wake_address(m, self, address, 1);
    return true;
}
}  // namespace

void exit_robust_list(Machine& m, TaskId self)
{
    exit_pi_futexes(m, self);
    const uint64_t head = m[self].robust_list;
    if (!head) return;
    m.edit(self).robust_list = 0;
    const Result<RobustListHead> list = get_user(m, self, UserPtr<RobustListHead>{head});
    if (!list.ok()) return;
    const auto offset = static_cast<uint64_t>(list->futex_offset);
    const Entry pending = decode(list->pending);
    Entry entry = decode(list->next);
    for (int i = 0; i < longest_list && entry.address != head; ++i) {
        const Result<uint64_t> next = get_user(m, self, UserPtr<uint64_t>{entry.address});
        if (entry.address != pending.address && !owner_died(m, self, entry.address + offset, entry.pi, false))
            return;
        if (!next.ok()) return;
        entry = decode(*next);
    }
    if (pending.address) owner_died(m, self, pending.address + offset, pending.pi, true);
}

Result<> sys_set_robust_list(Machine& m, TaskId self, uint64_t head, uint64_t length)
{
    if (length != sizeof(RobustListHead)) return EINVAL;
    m.edit(self).robust_list = head;
    return {};
}

Result<> sys_get_robust_list(Machine& m, TaskId self, int pid, UserPtr<uint64_t> head,
                             UserPtr<uint64_t> length)
{
    const TaskId task = pid == 0 ? self : find_task(m, static_cast<uint32_t>(pid));
    if (!task) return ESRCH;
    if (m[m[task].cred].uid != m[m[self].cred].uid && !capable(m, self, CAP_SYS_PTRACE_)) return EPERM;
    TRY(put_user(m, self, length, uint64_t{sizeof(RobustListHead)}));
    return put_user(m, self, head, m[task].robust_list);
}

}  // namespace norn
