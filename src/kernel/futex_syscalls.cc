// The futex system calls.
#include <algorithm>
#include <optional>
#include <vector>

#include "kernel/futex.h"
#include "kernel/signal.h"
#include "kernel/time.h"
#include "kernel/wait_queue.h"
#include "mm/usercopy.h"

namespace norn {

namespace {
enum FutexOp : uint32_t {
    op_wait = 0,
    op_wake = 1,
    op_requeue = 3,
    op_cmp_requeue = 4,
    op_wake_op = 5,
    op_lock_pi = 6,
    op_unlock_pi = 7,
    op_trylock_pi = 8,
    op_wait_bitset = 9,
    op_wake_bitset = 10,
    op_wait_requeue_pi = 11,
    op_lock_pi2 = 13,
    op_private = 128,
    op_clock_realtime = 256,
};

constexpr uint32_t size_u32 = 2, flag_private = 128;
constexpr uint32_t most_waiters = 128;

/// The result of a sleep on futexes: a hand-over, the deadline, a signal. None: look (again).
std::optional<Outcome<>> woken_result(const Machine& m, TaskId self, Errno interrupted)
{
    if (!resuming(m, self)) return {};
    if (m[self].flags & task_handed) return Outcome<>(m[self].handed);
    if (timed_out(m, self)) return Outcome<>(ETIMEDOUT);
    if (signal_pending(m, self)) return Outcome<>(interrupted);
    return {};
}

Outcome<> wait(Machine& m, TaskId self, UserPtr<uint32_t> uaddr, uint32_t expected, const FutexWait& how)
{
    const Errno interrupted = how.deadline_ns == never ? ERESTARTSYS : ERESTART_RESTARTBLOCK;
    if (auto result = woken_result(m, self, interrupted)) return *result;
    if (how.bitset == 0) return EINVAL;
    const FutexKey key = TRY(futex_key(m, self, uaddr.address, how.shared));
    const uint32_t value = TRY(get_user(m, self, uaddr));
    if (value != expected) return EAGAIN;
    if (how.deadline_ns <= m.state.now_ns) return ETIMEDOUT;
    const FutexId queue = obtain_futex(m, key);
    Sleep sleep{QueueRef{QueueKind::futex, {}, queue.raw}};
    sleep.exclusive = true;
    sleep.events = how.bitset;
    return sleep.keep(how).until(how.deadline_ns);
}

Outcome<> wake(Machine& m, TaskId self, UserPtr<uint32_t> uaddr, bool shared, uint32_t count, uint32_t bitset)
{
    if (bitset == 0) return EINVAL;
    const FutexKey key = TRY(futex_key(m, self, uaddr.address, shared));
    // Linux wakes before it counts: 0 and negative numbers wake one.
    const auto least = static_cast<uint32_t>(std::max(static_cast<int32_t>(count), 1));
    return wake_futex(m, key, least, bitset);
}

/// Moves up to `count` waiters from one queue to another; how many.
uint32_t move_waiters(Machine& m, FutexId from, const FutexKey& to_key, uint32_t count)
{
    uint32_t moved = 0;
    while (moved < count && m.alive(from)) {
        const FutexId to = obtain_futex(m, to_key);
        if (to == from) {
            // To itself: nothing moves, all count.
            for (WaitId w = m[from].waiters.first; w && moved < count; w = m[w].next) ++moved;
            return moved;
        }
        move_wait(m, m[from].waiters.first, QueueRef{QueueKind::futex, {}, to.raw});
        ++moved;
    }
    return moved;
}

Outcome<> requeue(Machine& m, TaskId self, UserPtr<uint32_t> uaddr, UserPtr<uint32_t> uaddr2, bool shared,
                  uint32_t wakes, uint64_t moves, const uint32_t* expected)
{
    const auto most = static_cast<int32_t>(moves);
    if (static_cast<int32_t>(wakes) < 0 || most < 0) return EINVAL;
    const FutexKey from = TRY(futex_key(m, self, uaddr.address, shared));
    const FutexKey to = TRY(futex_key(m, self, uaddr2.address, shared));
    if (expected && TRY(get_user(m, self, uaddr)) != *expected) return EAGAIN;
    const FutexId target = find_futex(m, to);
    if (target && m[target].pi_owner) return EINVAL;
    const uint32_t woken = TRY(wake_futex(m, from, wakes, ~0u));
    const FutexId queue = find_futex(m, from);
    return woken + (queue ? move_waiters(m, queue, to, static_cast<uint32_t>(most)) : 0);
}

/// What FUTEX_WAKE_OP's third value asks for.
struct WakeOp {
    uint32_t op, cmp;
    int32_t op_arg, cmp_arg;
};

WakeOp decode_wake_op(uint32_t encoded)
{
    const auto signed12 = [](uint32_t bits) { return static_cast<int32_t>(bits << 20) >> 20; };
    WakeOp decoded{encoded >> 28 & 7, encoded >> 24 & 15, signed12(encoded >> 12 & 0xfff),
                   signed12(encoded & 0xfff)};
    if (encoded >> 31) decoded.op_arg = static_cast<int32_t>(1u << (decoded.op_arg & 31));
    return decoded;
}

Result<uint32_t> apply(uint32_t op, uint32_t old, uint32_t argument)
{
    switch (op) {
        case 0:
            return argument;
        case 1:
            return old + argument;
        case 2:
            return old | argument;
        case 3:
            return old & ~argument;
        case 4:
            return old ^ argument;
        default:
            return ENOSYS;
    }
}

Result<bool> compare(uint32_t cmp, int32_t old, int32_t argument)
{
    switch (cmp) {
        case 0:
            return old == argument;
        case 1:
            return old != argument;
        case 2:
            return old < argument;
        case 3:
            return old <= argument;
        case 4:
            return old > argument;
        case 5:
            return old >= argument;
        default:
            return ENOSYS;
    }
}

Outcome<> wake_op(Machine& m, TaskId self, UserPtr<uint32_t> uaddr, UserPtr<uint32_t> uaddr2, bool shared,
                  uint32_t wakes, uint32_t wakes2, uint32_t encoded)
{
    const FutexKey first = TRY(futex_key(m, self, uaddr.address, shared));
    const FutexKey second = TRY(futex_key(m, self, uaddr2.address, shared));
    const WakeOp asked = decode_wake_op(encoded);
    const uint32_t old = TRY(get_user(m, self, uaddr2));
    const uint32_t changed = TRY(apply(asked.op, old, static_cast<uint32_t>(asked.op_arg)));
    TRY(put_user(m, self, uaddr2, changed));
    const bool also = TRY(compare(asked.cmp, static_cast<int32_t>(old), asked.cmp_arg));
    uint32_t woken = TRY(wake_futex(m, first, std::max(wakes, 1u), ~0u));
    if (also) woken += TRY(wake_futex(m, second, std::max(wakes2, 1u), ~0u));
    return woken;
}

bool takes_timeout(uint32_t command)
{
    return command == op_wait || command == op_wait_bitset || command == op_lock_pi || command == op_lock_pi2;
}

/// When a call with this timeout ends.
Result<uint64_t> deadline_of(Machine& m, TaskId self, uint32_t command, bool realtime, uint64_t timeout)
{
    if (timeout == 0) return never;
    const Timespec time = TRY(get_user(m, self, UserPtr<Timespec>{timeout}));
    const uint64_t ns = TRY(timespec_ns(time));
    if (command == op_wait) return ktime_add_safe(m.state.now_ns, ns);
    return realtime || command == op_lock_pi ? deadline_from_realtime(m, ns) : ns;
}
}  // namespace

Outcome<> sys_futex(Machine& m, TaskId self, UserPtr<uint32_t> uaddr, uint32_t op, uint32_t val,
                    uint64_t timeout, UserPtr<uint32_t> uaddr2, uint32_t val3)
{
    const uint32_t command = op & ~(op_private | op_clock_realtime);
    const bool realtime = op & op_clock_realtime;
    const bool shared = !(op & op_private);
    if (realtime && command != op_wait_bitset && command != op_wait_requeue_pi && command != op_lock_pi2)
        return ENOSYS;
    FutexWait how;
    if (takes_timeout(command)) {
        if (resuming(m, self)) {
            how = kept<FutexWait>(m, self);
        } else {
            how.deadline_ns = TRY(deadline_of(m, self, command, realtime, timeout));
            how.shared = shared;
            if (command == op_wait_bitset) how.bitset = val3;
        }
    }
    const auto val2 = static_cast<uint32_t>(timeout);
    switch (command) {
        case op_wait:
        case op_wait_bitset:
            return wait(m, self, uaddr, val, how);
        case op_wake:
            return wake(m, self, uaddr, shared, val, ~0u);
        case op_wake_bitset:
            return wake(m, self, uaddr, shared, val, val3);
        case op_requeue:
            return requeue(m, self, uaddr, uaddr2, shared, val, val2, nullptr);
        case op_cmp_requeue:
            return requeue(m, self, uaddr, uaddr2, shared, val, val2, &val3);
        case op_wake_op:
            return wake_op(m, self, uaddr, uaddr2, shared, val, val2, val3);
        case op_lock_pi:
        case op_lock_pi2:
            return futex_lock_pi(m, self, uaddr, how);
        case op_trylock_pi:
            return futex_trylock_pi(m, self, uaddr, shared);
        case op_unlock_pi:
            return futex_unlock_pi(m, self, uaddr, shared);
        default:
            return ENOSYS;
    }
}

Outcome<> sys_futex_waitv(Machine& m, TaskId self, UserPtr<FutexWaitv> waiters, uint32_t count,
                          uint32_t flags, uint64_t timeout, int clock)
{
    if (flags != 0 || count == 0 || count > most_waiters) return EINVAL;
    if (auto result = woken_result(m, self, ERESTARTSYS)) return *result;
    uint64_t deadline = never;
    if (resuming(m, self)) {
        deadline = kept<uint64_t>(m, self);
    } else if (timeout != 0) {
        if (clock != clock_monotonic && clock != clock_realtime) return EINVAL;
        const Timespec time = TRY(get_user(m, self, UserPtr<Timespec>{timeout}));
        const uint64_t ns = TRY(timespec_ns(time));
        deadline = clock == clock_realtime ? deadline_from_realtime(m, ns) : ns;
    }
    std::vector<FutexWaitv> wanted;
    for (uint32_t i = 0; i < count; ++i) {
        const FutexWaitv one = TRY(get_user(m, self, waiters + i));
        if ((one.flags & ~flag_private) != size_u32 || one.reserved != 0) return EINVAL;
        wanted.push_back(one);
    }
    for (const FutexWaitv& one : wanted) {
        const FutexKey key = TRY(futex_key(m, self, one.address, !(one.flags & flag_private)));
        const uint32_t value = TRY(get_user(m, self, UserPtr<uint32_t>{one.address}));
        if (value != static_cast<uint32_t>(one.value)) return EAGAIN;
        const FutexId queue = obtain_futex(m, key);
        add_wait(m, self, QueueRef{QueueKind::futex, {}, queue.raw}, ~0u, true);
    }
    if (deadline <= m.state.now_ns) return ETIMEDOUT;
    return Sleep{}.keep(deadline).until(deadline);
}

}  // namespace norn
