// Keys and the table of queues (X1, X2 in futex.h), and waking.
#include "kernel/futex.h"

#include <bit>

#include "kernel/task.h"
#include "kernel/wait_queue.h"
#include "mm/fault.h"
#include "mm/mmap.h"
#include "mm/radix.h"

namespace norn {

namespace {
enum KeyTag : uint64_t { key_private = 0, key_shared_address = 1, key_file = 2 };

constexpr uint32_t fewest_buckets = 16;

uint64_t hash_of(uint64_t object, uint64_t address)
{
    uint64_t x = (address >> 2 ^ object << 40) * 0x9e37'79b9'7f4a'7c15;
    x = (x ^ x >> 32) * 0xd6e8'feb8'6659'fd93;
    return x ^ x >> 32;
}

/// Of `buckets`, which are not a power of two while the table grows.
uint32_t bucket_of(uint64_t hash, uint32_t buckets)
{
    const uint32_t mask = std::bit_ceil(buckets) - 1;
    const uint32_t wide = static_cast<uint32_t>(hash) & mask;
    return wide < buckets ? wide : wide & mask >> 1;
}

/// The bucket that `bucket` was split from.
uint32_t buddy_of(uint32_t bucket)
{
    return bucket ^ std::bit_floor(bucket);
}

FutexId first_of(const Machine& m, uint32_t bucket)
{
    return FutexId{tree_get(m, m.state.futexes, bucket)};
}

void set_first(Machine& m, uint32_t bucket, FutexId first)
{
    if (first)
        tree_set(m, m.state.futexes, NodeKind::futexes, bucket, first.raw);
    else
        tree_clear(m, m.state.futexes, bucket);
}

uint32_t place(const Machine& m, FutexId queue)
{
    return bucket_of(hash_of(m[queue].object, m[queue].address), m.state.futex_buckets);
}

void push(Machine& m, FutexId queue)
{
    const uint32_t bucket = place(m, queue);
    m.edit(queue).next = first_of(m, bucket);
    set_first(m, bucket, queue);
}

/// Puts all of a chain where it belongs now.
void spread(Machine& m, uint32_t bucket)
{
    FutexId queue = first_of(m, bucket);
    if (queue) set_first(m, bucket, {});
    while (queue) {
        const FutexId next = m[queue].next;
        push(m, queue);
        queue = next;
    }
}

void grow(Machine& m)
{
    const uint32_t added = m.state.futex_buckets++;
    spread(m, buddy_of(added));
}

void shrink(Machine& m)
{
    const uint32_t removed = --m.state.futex_buckets;
    spread(m, removed);
}

void take_out(Machine& m, FutexId queue)
{
    const uint32_t bucket = place(m, queue);
    FutexId before = first_of(m, bucket);
    if (before == queue) {
        set_first(m, bucket, m[queue].next);
        return;
    }
    while (m[before].next != queue) before = m[before].next;
    const FutexId after = m[queue].next;
    m.edit(before).next = after;
}
}  // namespace

Result<FutexKey> futex_key(Machine& m, TaskId self, uint64_t address, bool shared)
{
    if (address % 4 != 0) return EINVAL;
    if (address >= x86::user_end) return EFAULT;
    const MmId mm = m[self].mm;
    const uint64_t space = m[mm].space << 2;
    if (!shared) return FutexKey{space | key_private, address};
    const VmaId vma = find_vma(m, mm, address);
    if (!vma) return EFAULT;
    const Vma mapping = m[vma];
    if (mapping.flags & vma_shared)
        return FutexKey{uint64_t{mapping.inode.index()} << 2 | key_file,
                        address - mapping.start + mapping.offset};
    if (fault_in(m, mm, address, Access::write).fault.any()) return EFAULT;
    return FutexKey{space | key_shared_address, address};
}

FutexId find_futex(const Machine& m, const FutexKey& key)
{
    if (m.state.futex_buckets == 0) return {};
    FutexId queue = first_of(m, bucket_of(hash_of(key.object, key.address), m.state.futex_buckets));
    while (queue && FutexKey{m[queue].object, m[queue].address} != key) queue = m[queue].next;
    return queue;
}

FutexId obtain_futex(Machine& m, const FutexKey& key)
{
    if (m.state.futex_buckets == 0) m.state.futex_buckets = fewest_buckets;
    if (const FutexId known = find_futex(m, key)) return known;
    const FutexId made = m.allocate<FutexQueue>();
    FutexQueue& queue = m.edit(made);
    queue.object = key.object;
    queue.address = key.address;
    push(m, made);
    if (m.pool<FutexQueue>().size() > m.state.futex_buckets) grow(m);
    return made;
}

void futex_left(Machine& m, FutexId queue)
{
    if (m[queue].waiters.first) return;
    take_out(m, queue);
    if (m[queue].pi_owner) --m.state.pi_futexes;
    m.free(queue);
    // Faster than it grew, so that it does not stay large when waiters leave one by one.
    constexpr int steps = 4;
    for (int i = 0; i < steps; ++i) {
        if (m.state.futex_buckets <= fewest_buckets) return;
        if (m.pool<FutexQueue>().size() >= m.state.futex_buckets / 4) return;
        shrink(m);
    }
}

void hand_over(Machine& m, WaitId wait)
{
    const TaskId task = m[wait].task;
    // The newest entry is first on the list, so what follows ours tells its place.
    uint64_t place_in_list = 0;
    for (WaitId older = m[wait].next_of_owner; older; older = m[older].next_of_owner) ++place_in_list;
    Task& t = m.edit(task);
    t.handed = place_in_list;
    t.flags |= task_handed;
    wake_task(m, task);
}

Result<uint32_t> wake_futex(Machine& m, const FutexKey& key, uint32_t count, uint32_t bitset)
{
    const FutexId queue = find_futex(m, key);
    if (!queue) return 0u;
    if (m[queue].pi_owner) return EINVAL;
    uint32_t woken = 0;
    WaitId wait = m[queue].waiters.first;
    while (wait && woken < count) {
        WaitId next = m[wait].next;
        while (next && m[next].task == m[wait].task) next = m[next].next;
        if (m[wait].events & bitset) {
            hand_over(m, wait);
            ++woken;
        }
        wait = next;
    }
    return woken;
}

void futex_wake_address(Machine& m, TaskId self, uint64_t address, uint32_t count)
{
    // The word of a thread is waited for by either form (pthread_join uses the shared one).
    for (const bool shared : {true, false}) {
        const Result<FutexKey> key = futex_key(m, self, address, shared);
        if (!key.ok()) continue;
        const Result<uint32_t> woken = wake_futex(m, *key, count, ~0u);
        if (woken.ok() && *woken > 0) return;
    }
}

}  // namespace norn
