// Futexes (futex(2)): keys, the table of queues, waking. A waker dequeues the waiter and stores its result
// (norn/sleep.h, S3).
//
//  X1  A FutexQueue exists while somebody waits on it, and is in the chain of its bucket.
//  X2  The table is a linear hash: bucket numbers are dense from 0, one bucket is split or joined at a time,
//      so every operation costs the same with one waiter and with a million.
//  X3  `pi_owner` is set exactly on queues of LOCK_PI waiters: who holds the lock.
#pragma once

#include "norn/machine.h"
#include "norn/result.h"
#include "norn/user_ptr.h"

namespace norn {

/// Where a futex word is. Private: (address space, address). Shared: (file, offset), or for private memory
/// the address space again, apart from the private form.
struct FutexKey {
    uint64_t object = 0;
    uint64_t address = 0;
    friend bool operator==(const FutexKey&, const FutexKey&) = default;
};
/// EINVAL unaligned; EFAULT not a user address, or for the shared form nothing mapped there.
[[nodiscard]] Result<FutexKey> futex_key(Machine& m, TaskId self, uint64_t address, bool shared);

/// The waiters at a key; none if nobody waits.
[[nodiscard]] FutexId find_futex(const Machine& m, const FutexKey& key);
/// The same, made if it is not there. The caller adds a waiter.
[[nodiscard]] FutexId obtain_futex(Machine& m, const FutexKey& key);
/// A waiter was taken off this queue: it is freed when it was the last.
void futex_left(Machine& m, FutexId queue);

/// Wakes up to `count` waiters whose bitset meets `bitset`, first come first; how many. EINVAL: LOCK_PI
/// waiters are there.
[[nodiscard]] Result<uint32_t> wake_futex(Machine& m, const FutexKey& key, uint32_t count, uint32_t bitset);
/// Takes one waiter off and lets its call end with 0, or with its place in the list of futex_waitv.
void hand_over(Machine& m, WaitId wait);
/// FUTEX_WAKE with the shared form, from the kernel itself: errors do not matter.
void futex_wake_address(Machine& m, TaskId self, uint64_t address, uint32_t count);

/// A task ends: waiters of the LOCK_PI locks that it holds get them.
void exit_pi_futexes(Machine& m, TaskId self);

/// Bits of the word (futex(2), robust and priority-inheriting).
inline constexpr uint32_t futex_waiters = 0x8000'0000, futex_owner_died = 0x4000'0000,
                          futex_tid_mask = 0x3fff'ffff;

// futex_pi.cc
struct FutexWait {
    uint64_t deadline_ns = never;
    uint32_t bitset = ~0u;
    uint32_t shared = 0;
};
[[nodiscard]] Outcome<> futex_lock_pi(Machine& m, TaskId self, UserPtr<uint32_t> word, const FutexWait& how);
[[nodiscard]] Result<> futex_trylock_pi(Machine& m, TaskId self, UserPtr<uint32_t> word, bool shared);
[[nodiscard]] Result<> futex_unlock_pi(Machine& m, TaskId self, UserPtr<uint32_t> word, bool shared);

struct FutexWaitv {
    uint64_t value = 0;
    uint64_t address = 0;
    uint32_t flags = 0;
    uint32_t reserved = 0;
};

Outcome<> sys_futex(Machine& m, TaskId self, UserPtr<uint32_t> uaddr, uint32_t op, uint32_t val,
                    uint64_t timeout, UserPtr<uint32_t> uaddr2, uint32_t val3);
Outcome<> sys_futex_waitv(Machine& m, TaskId self, UserPtr<FutexWaitv> waiters, uint32_t count,
                          uint32_t flags, uint64_t timeout, int clock);

}  // namespace norn
