// The machine as a value: copy, move, hash.
#include "norn/machine.h"

#include <atomic>

namespace norn {

uint64_t fresh_epoch()
{
    // Not state of any machine: a source of names for epochs, which never enter a hash.
    static std::atomic<uint64_t> next{1};
    return next.fetch_add(1, std::memory_order_relaxed);
}

namespace {
Epoch new_epoch()
{
    const uint64_t name = fresh_epoch();
    return {name, name};
}
}  // namespace

Machine::Machine(const MachineLimits& limits) : epoch_(new_epoch())
{
    state.limits = limits;
}

// Both sides lose the right to write in place what they now share.
Machine::Machine(const Machine& other)
    : state(other.state),
      root(other.root)
#define NORN_COPY_POOL(type, name) , name##_(other.name##_)
          NORN_POOLS(NORN_COPY_POOL)
#undef NORN_COPY_POOL
      ,
      epoch_(new_epoch())
{
    NORN_ASSERT(!other.decider && "a machine is copied only between runs");
    other.epoch_ = new_epoch();
}

Machine::Machine(Machine&& other) noexcept = default;

Machine& Machine::operator=(Machine other) noexcept
{
    state = other.state;
    root = std::move(other.root);
    notices = std::move(other.notices);
#define NORN_MOVE_POOL(type, name) name##_ = std::move(other.name##_);
    NORN_POOLS(NORN_MOVE_POOL)
#undef NORN_MOVE_POOL
    epoch_ = other.epoch_;
    return *this;
}

Machine::~Machine() = default;

Hash Machine::hash() const
{
    NORN_ASSERT(!decider && "a machine is hashed only between runs");
    Hasher hasher;
    MachineState plain = state;
    each_id(plain, [](auto& id) { id.raw &= id_index_mask; });
    static_assert(fully_listed<MachineState>);
    hasher.bytes(&plain, sizeof plain);
#define NORN_HASH_POOL(type, name) hasher.add(name##_.hash());
    NORN_POOLS(NORN_HASH_POOL)
#undef NORN_HASH_POOL
    epoch_.grant = fresh_epoch();
    return hasher.finish();
}

}  // namespace norn
