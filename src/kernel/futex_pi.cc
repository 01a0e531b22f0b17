// Futexes that know who holds the lock: LOCK_PI and its kind. The holder's priority is not raised.
#include "kernel/futex.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "kernel/wait_queue.h"
#include "mm/usercopy.h"

namespace norn {

namespace {
/// The lock that a task waits for; none if it waits for none.
FutexId lock_waited_for(const Machine& m, TaskId task)
{
    const WaitId wait = m[task].waits;
    if (!wait || m[wait].queue.kind != QueueKind::futex) return {};
    const FutexId queue{m[wait].queue.object};
    return m[queue].pi_owner ? queue : FutexId{};
}

/// Would `self`, waiting for `owner`, wait for itself?
bool closes_circle(const Machine& m, TaskId self, TaskId owner)
{
    constexpr int longest_chain = 1024;
    for (int i = 0; i < longest_chain; ++i) {
        if (owner == self) return true;
        const FutexId next = lock_waited_for(m, owner);
        if (!next) return false;
        owner = m[next].pi_owner;
    }
    return true;
}

/// The lock goes to who waits longest; the word says so, unless memory is gone.
void give_lock(Machine& m, TaskId self, FutexId queue, UserPtr<uint32_t> word, uint32_t died)
{
    const WaitId first = m[queue].waiters.first;
    const TaskId heir = m[first].task;
    const bool written = put_user(m, self, word, pid_nr(m, heir) | futex_waiters | died).ok();
    m.edit(queue).pi_owner = heir;
    hand_over(m, first);
    static_cast<void>(written);
}

/// Takes a free lock. EAGAIN: somebody holds it, `owner` tells who.
Result<> take_lock(Machine& m, TaskId self, UserPtr<uint32_t> word, bool shared, TaskId& owner)
{
    const FutexKey key = TRY(futex_key(m, self, word.address, shared));
    const uint32_t value = TRY(get_user(m, self, word));
    const uint32_t tid = pid_nr(m, self);
    const uint32_t holder = value & futex_tid_mask;
    if (holder == 0) {
        const uint32_t waiters = find_futex(m, key) ? futex_waiters : 0;
        return put_user(m, self, word, tid | (value & futex_owner_died) | waiters);
    }
    if (holder == tid) return EDEADLK;
    owner = find_task(m, holder);
    TRY(put_user(m, self, word, value | futex_waiters));
    if (!owner) return ESRCH;
    return EAGAIN;
}
}  // namespace

Result<> futex_trylock_pi(Machine& m, TaskId self, UserPtr<uint32_t> word, bool shared)
{
    TaskId owner;
    return take_lock(m, self, word, shared, owner);
}

Outcome<> futex_lock_pi(Machine& m, TaskId self, UserPtr<uint32_t> word, const FutexWait& how)
{
    if (resuming(m, self)) {
        if (m[self].flags & task_handed) return uint64_t{0};
        if (timed_out(m, self)) return ETIMEDOUT;
        if (signal_pending(m, self)) return ERESTARTNOINTR;
    }
    TaskId owner;
    const Result<> taken = take_lock(m, self, word, how.shared, owner);
    if (taken.ok()) return uint64_t{0};
    if (taken.error() != EAGAIN) return taken.error();
    if (closes_circle(m, self, owner)) return EDEADLK;
    if (how.deadline_ns <= m.state.now_ns) return ETIMEDOUT;
    const FutexKey key = TRY(futex_key(m, self, word.address, how.shared));
    const FutexId queue = obtain_futex(m, key);
    if (!m[queue].pi_owner) {
        if (m[queue].waiters.first) return EINVAL;
        m.edit(queue).pi_owner = owner;
        ++m.state.pi_futexes;
    }
    Sleep sleep{QueueRef{QueueKind::futex, {}, queue.raw}};
    sleep.exclusive = true;
    return sleep.keep(how).until(how.deadline_ns);
}

Result<> futex_unlock_pi(Machine& m, TaskId self, UserPtr<uint32_t> word, bool shared)
{
    const FutexKey key = TRY(futex_key(m, self, word.address, shared));
    const uint32_t value = TRY(get_user(m, self, word));
    if ((value & futex_tid_mask) != pid_nr(m, self)) return EPERM;
    const FutexId queue = find_futex(m, key);
    if (!queue) return put_user(m, self, word, 0u);
    if (!m[queue].pi_owner) return EINVAL;
    give_lock(m, self, queue, word, 0);
    return {};
}

void exit_pi_futexes(Machine& m, TaskId self)
{
    if (m.state.pi_futexes == 0) return;
    std::vector<FutexId> held;
    m.pool<FutexQueue>().each([&](FutexId queue, const FutexQueue& record) {
        if (record.pi_owner == self) held.push_back(queue);
    });
    // The word is reached through the heir's memory: ours may be another's by now.
    for (const FutexId queue : held) {
        const TaskId heir = m[m[queue].waiters.first].task;
        give_lock(m, heir, queue, UserPtr<uint32_t>{m[heir].cpu.gpr[x86::rdi]}, futex_owner_died);
    }
}

}  // namespace norn
