// Persistent pools: arrays of records that are shared between copies of a machine until written.
//
// A pool is a radix tree, 64 wide, over chunks of records. Copying it shares the root. A node may be
// written in place exactly when its owner is the writing machine's epoch; otherwise it is cloned, or
// re-owned if nobody else holds it, from the root down. A node's `grant` says in addition that its
// cached hash is void; `hash` takes grants back, so the next write passes through here again.
//
//  P1  If a node is granted, all its ancestors are.
//  P2  Slots are taken lowest-free, so ids depend only on what is alive.
//  P3  Slot 0 is never given out: the zero id names nothing.
//  P4  A reference into a pool does not survive an edit or allocation in that pool. Builds with
//      audits move the chunk on every edit, so that a breach shows.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "norn/assert.h"
#include "norn/fields.h"
#include "norn/hash.h"

namespace norn {

/// Who writes: `owner` changes when the machine is copied, `grant` also when it is hashed.
struct Epoch {
    uint64_t owner = 0;
    uint64_t grant = 0;
};

/// A number that no other call has returned in this process: names an epoch of some machine.
[[nodiscard]] uint64_t fresh_epoch();

/// Memory for a node of a pool; safe from several threads. Ends the process with status 125 when the host has
/// no memory left.
[[nodiscard]] void* take_node_bytes(std::size_t size);
void give_node_bytes(void* bytes, std::size_t size);

namespace detail {
struct PoolNode {
    static void* operator new(std::size_t size) { return take_node_bytes(size); }
    static void operator delete(void* bytes, std::size_t size) { give_node_bytes(bytes, size); }

    std::atomic<uint32_t> refs{1};
    /// Machines on several threads may hash what they share: one of them writes `hash`, and it is read
    /// only once it is valid.
    enum class HashState : uint8_t { none, filling, valid };
    std::atomic<HashState> hash_state{HashState::none};
    uint64_t owner = 0;
    std::atomic<uint64_t> grant{0};
    uint64_t full = 0;  ///< inner: children without a free slot; leaf: slots in use
    Hash hash;
};

constexpr uint32_t slots_for(std::size_t record_size)
{
    uint32_t slots = 64;
    while (slots > 1 && slots * record_size > 8192) slots /= 2;
    return slots;
}
}  // namespace detail

/// Records that hold a share of something on the host (frames of pages) say so with these members:
/// `retain_host()`, `release_host()`, `Hash hash_host() const`.
template <class T>
concept HoldsHost = requires(T& t)
{
    t.retain_host();
    t.release_host();
};

template <class T>
class Pool {
    static_assert(fully_listed<T>, "every byte of a pooled record must be a listed field");

  public:
    static constexpr uint32_t leaf_slots = detail::slots_for(sizeof(T));
    static constexpr uint32_t leaf_bits = std::bit_width(leaf_slots) - 1;
    static constexpr uint64_t leaf_full = leaf_slots == 64 ? ~0ull : (1ull << leaf_slots) - 1;

    Pool() = default;
    Pool(const Pool& other) : root_(other.root_), height_(other.height_), count_(other.count_)
    {
        share(root_);
    }
    Pool(Pool&& other) noexcept
        : root_(std::exchange(other.root_, nullptr)),
          height_(std::exchange(other.height_, 0)),
          count_(std::exchange(other.count_, 0))
    {
    }
    Pool& operator=(Pool other) noexcept
    {
        std::swap(root_, other.root_);
        std::swap(height_, other.height_);
        std::swap(count_, other.count_);
        return *this;
    }
    ~Pool() { drop(root_, height_); }

    /// Number of live records.
    [[nodiscard]] uint32_t size() const { return count_; }

    [[nodiscard]] bool alive(Id<T> id) const { return look(id) != nullptr; }

    const T& operator[](Id<T> id) const
    {
        const Leaf* leaf = find(id.index());
        const uint32_t slot = id.index() % leaf_slots;
        NORN_ASSERT(leaf && (leaf->full >> slot & 1) && leaf->generation[slot] == id.generation() && id);
        return leaf->records[slot];
    }

    /// The record, if the id names a live one.
    [[nodiscard]] const T* look(Id<T> id) const
    {
        const Leaf* leaf = find(id.index());
        const uint32_t slot = id.index() % leaf_slots;
        const bool live = id && leaf && (leaf->full >> slot & 1) && leaf->generation[slot] == id.generation();
        return live ? &leaf->records[slot] : nullptr;
    }

    T& edit(Id<T> id, Epoch epoch)
    {
        Leaf* leaf = writable(id.index(), epoch);
        const uint32_t slot = id.index() % leaf_slots;
        NORN_ASSERT((leaf->full >> slot & 1) && leaf->generation[slot] == id.generation() && id);
        return leaf->records[slot];
    }

    /// A new record with its initial values, in the lowest free slot.
    Id<T> allocate(Epoch epoch)
    {
        return make(epoch, [](T* slot) { new (slot) T(); });
    }

    /// A new record that is a copy of `from`, which must not be of this pool.
    Id<T> allocate(Epoch epoch, const T& from)
    {
        return make(epoch, [&](T* slot) { new (slot) T(from); });
    }

    /// A new record that is a copy of another's.
    Id<T> allocate_like(Epoch epoch, Id<T> other)
    {
        return make(epoch, [&](T* slot) { new (slot) T((*this)[other]); });
    }

    void free(Id<T> id, Epoch epoch)
    {
        const uint32_t index = id.index();
        const uint32_t slot = index % leaf_slots;
        Leaf* leaf = writable(index, epoch);
        NORN_ASSERT((leaf->full >> slot & 1) && leaf->generation[slot] == id.generation() && id);
        if constexpr (HoldsHost<T>) leaf->records[slot].release_host();
        leaf->generation[slot] = static_cast<uint8_t>((leaf->generation[slot] + 1) & 63);
        const bool was_full = leaf->full == leaf_full;
        leaf->full &= ~(1ull << slot);
        if (was_full) mark_not_full(index);
        --count_;
    }

    /// Calls `f(id, record)` in order of slot number. `f` must not edit this pool.
    template <class F>
    void each(F&& f) const
    {
        each_in(root_, height_, 0, f);
    }

    /// The id of the record that lives in slot `index` now; none if the slot is free.
    [[nodiscard]] Id<T> at_index(uint32_t index) const
    {
        const Leaf* leaf = find(index);
        const uint32_t slot = index % leaf_slots;
        if (index == 0 || !leaf || !(leaf->full >> slot & 1)) return {};
        return Id<T>{index | static_cast<uint32_t>(leaf->generation[slot]) << id_index_bits};
    }

    /// Hash of the live records, by slot; the same for equal contents whatever the history. Takes all
    /// grants back.
    [[nodiscard]] Hash hash() const { return root_ ? hash_of(root_, height_, 0) : Hash{}; }

    /// Puts a record into a slot that must be free (loading a saved machine).
    void restore(uint32_t index, uint8_t generation, const T& record, Epoch epoch);
    /// Generation of a slot, live or free (saving a machine).
    [[nodiscard]] uint8_t generation_of(uint32_t index) const
    {
        const Leaf* leaf = find(index);
        return leaf ? leaf->generation[index % leaf_slots] : 0;
    }
    /// Sets the generation of a free slot (loading a saved machine).
    void restore_generation(uint32_t index, uint8_t generation, Epoch epoch);
    /// One past the highest slot that ever was in use since the pool was made or loaded.
    [[nodiscard]] uint32_t capacity() const { return root_ ? leaf_slots << (6 * height_) : 0; }
    /// Host bytes of the nodes reachable from this pool (shared ones counted in full).
    [[nodiscard]] uint64_t host_bytes() const { return bytes_of(root_, height_); }

  private:
    template <class Construct>
    Id<T> make(Epoch epoch, Construct construct)
    {
        if (!root_) plant(epoch);
        const uint32_t index = lowest_free(epoch);
        NORN_ASSERT(index <= id_index_mask);
        Leaf* leaf = writable(index, epoch);
        const uint32_t slot = index % leaf_slots;
        construct(&leaf->records[slot]);
        leaf->full |= 1ull << slot;
        if (leaf->full == leaf_full) mark_full(index);
        ++count_;
        return Id<T>{index | static_cast<uint32_t>(leaf->generation[slot]) << id_index_bits};
    }

    using Node = detail::PoolNode;
    struct Leaf : Node {
        std::array<uint8_t, leaf_slots> generation{};
        std::array<T, leaf_slots> records{};
    };
    struct Inner : Node {
        std::array<Node*, 64> child{};
    };

    static void share(Node* node)
    {
        if (node) node->refs.fetch_add(1, std::memory_order_relaxed);
    }

    static void drop(Node* node, uint32_t height)
    {
        if (!node || node->refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
        if (height == 0) {
            auto* leaf = static_cast<Leaf*>(node);
            if constexpr (HoldsHost<T>)
                for (uint64_t live = leaf->full; live; live &= live - 1)
                    leaf->records[std::countr_zero(live)].release_host();
            delete leaf;
            return;
        }
        auto* inner = static_cast<Inner*>(node);
        for (Node* child : inner->child) drop(child, height - 1);
        delete inner;
    }

    [[nodiscard]] const Leaf* find(uint32_t index) const
    {
        uint32_t shift = leaf_bits + 6 * height_;
        if (static_cast<uint64_t>(index) >> shift) return nullptr;
        const Node* node = root_;
        while (shift > leaf_bits && node) {
            shift -= 6;
            node = static_cast<const Inner*>(node)->child[index >> shift & 63];
        }
        return static_cast<const Leaf*>(node);
    }

    Leaf* writable(uint32_t index, Epoch epoch)
    {
#ifndef NORN_AUDIT
        if (auto* leaf = const_cast<Leaf*>(find(index)); leaf && granted(*leaf, epoch)) return leaf;
#endif
        Node** at = &root_;
        for (uint32_t h = height_; h > 0; --h) {
            auto* inner = static_cast<Inner*>(own<Inner>(*at, epoch, h));
            at = &inner->child[index >> (leaf_bits + 6 * (h - 1)) & 63];
        }
        auto* leaf = static_cast<Leaf*>(own<Leaf>(*at, epoch, 0));
#ifdef NORN_AUDIT
        leaf = move_away(leaf);
        *at = leaf;
#endif
        return leaf;
    }

    /// Makes the node at `at` (made here if there is none) writable in place and its hash void.
    template <class Kind>
    Node* own(Node*& at, Epoch epoch, uint32_t height)
    {
        if (!at) {
            at = new Kind();
        } else if (at->owner != epoch.owner && at->refs.load(std::memory_order_acquire) != 1) {
            Node* old = at;
            at = clone(*static_cast<Kind*>(old));
            drop(old, height);
        }
        take(*at, epoch);
        at->hash_state.store(Node::HashState::none, std::memory_order_relaxed);
        return at;
    }

    static bool granted(const Node& node, Epoch epoch)
    {
        return node.grant.load(std::memory_order_relaxed) == epoch.grant;
    }

    static void take(Node& node, Epoch epoch)
    {
        node.owner = epoch.owner;
        node.grant.store(epoch.grant, std::memory_order_relaxed);
    }

    static Leaf* clone(const Leaf& from)
    {
        auto* leaf = new Leaf();
        leaf->full = from.full;
        leaf->generation = from.generation;
        std::memcpy(static_cast<void*>(&leaf->records), &from.records, sizeof(from.records));
        if constexpr (HoldsHost<T>)
            for (uint64_t live = leaf->full; live; live &= live - 1)
                leaf->records[std::countr_zero(live)].retain_host();
        return leaf;
    }

    static Inner* clone(const Inner& from)
    {
        auto* inner = new Inner();
        inner->full = from.full;
        inner->child = from.child;
        for (Node* child : inner->child) share(child);
        return inner;
    }

#ifdef NORN_AUDIT
    static Leaf* move_away(Leaf* leaf)
    {
        auto* moved = new Leaf();
        take(*moved, {leaf->owner, leaf->grant.load(std::memory_order_relaxed)});
        moved->full = leaf->full;
        moved->generation = leaf->generation;
        std::memcpy(static_cast<void*>(&moved->records), &leaf->records, sizeof(leaf->records));
        std::memset(static_cast<void*>(&leaf->records), 0xdb, sizeof(leaf->records));
        delete leaf;
        return moved;
    }
#endif

    void plant(Epoch epoch)
    {
        auto* leaf = static_cast<Leaf*>(own<Leaf>(root_, epoch, 0));
        leaf->full = 1;
        if (leaf_full == 1) raise(epoch);
    }

    void raise(Epoch epoch)
    {
        auto* inner = new Inner();
        take(*inner, epoch);
        inner->child[0] = root_;
        inner->full = root_->full == (height_ == 0 ? leaf_full : ~0ull) ? 1 : 0;
        root_ = inner;
        ++height_;
    }

    uint32_t lowest_free(Epoch epoch)
    {
        if (height_ == 0 && root_->full == leaf_full) raise(epoch);
        if (height_ > 0 && root_->full == ~0ull) raise(epoch);
        uint32_t index = 0;
        const Node* node = root_;
        for (uint32_t h = height_; h > 0; --h) {
            const auto child = static_cast<uint32_t>(std::countr_one(node->full));
            index |= child << (leaf_bits + 6 * (h - 1));
            node = static_cast<const Inner*>(node)->child[child];
            if (!node) return index;
        }
        return index | static_cast<uint32_t>(std::countr_one(node->full));
    }

    void mark_full(uint32_t index)
    {
        std::array<Node*, 8> path{};
        Node* node = root_;
        for (uint32_t h = height_; h > 0; --h) {
            path[h] = node;
            node = static_cast<Inner*>(node)->child[index >> (leaf_bits + 6 * (h - 1)) & 63];
        }
        for (uint32_t h = 1; h <= height_; ++h) {
            path[h]->full |= 1ull << (index >> (leaf_bits + 6 * (h - 1)) & 63);
            if (path[h]->full != ~0ull) return;
        }
    }

    void mark_not_full(uint32_t index)
    {
        Node* node = root_;
        for (uint32_t h = height_; h > 0; --h) {
            const uint32_t child = index >> (leaf_bits + 6 * (h - 1)) & 63;
            node->full &= ~(1ull << child);
            node = static_cast<Inner*>(node)->child[child];
        }
    }

    template <class F>
    static void each_in(const Node* node, uint32_t height, uint32_t base, F& f)
    {
        if (!node) return;
        if (height == 0) {
            auto* leaf = static_cast<const Leaf*>(node);
            for (uint64_t live = leaf->full; live; live &= live - 1) {
                const auto slot = static_cast<uint32_t>(std::countr_zero(live));
                const uint32_t index = base + slot;
                if (index == 0) continue;
                f(Id<T>{index | static_cast<uint32_t>(leaf->generation[slot]) << id_index_bits},
                  leaf->records[slot]);
            }
            return;
        }
        for (uint32_t i = 0; i < 64; ++i)
            each_in(static_cast<const Inner*>(node)->child[i], height - 1,
                    base + (i << (leaf_bits + 6 * (height - 1))), f);
    }

    /// Empty subtrees hash to zero and a lone first child passes its hash up, so neither emptied
    /// chunks nor a tree that was once higher show.
    static Hash hash_of(Node* node, uint32_t height, uint32_t base)
    {
        using State = Node::HashState;
        if (node->hash_state.load(std::memory_order_acquire) == State::valid) return node->hash;
        const Hash hash = height == 0 ? leaf_hash(*static_cast<Leaf*>(node), base)
                                      : inner_hash(*static_cast<Inner*>(node), height, base);
        auto none = State::none;
        if (node->hash_state.compare_exchange_strong(none, State::filling, std::memory_order_relaxed)) {
            node->hash = hash;
            node->grant.store(0, std::memory_order_relaxed);
            node->hash_state.store(State::valid, std::memory_order_release);
        }
        return hash;
    }

    static Hash leaf_hash(const Leaf& leaf, uint32_t base)
    {
        Hasher hasher;
        bool any = false;
        for (uint64_t live = leaf.full; live; live &= live - 1) {
            const auto slot = static_cast<uint32_t>(std::countr_zero(live));
            if (base + slot == 0) continue;
            T record;
            std::memcpy(static_cast<void*>(&record), &leaf.records[slot], sizeof(T));
            each_id(record, [](auto& id) { id.raw &= id_index_mask; });
            hasher.add(slot);
            if constexpr (HoldsHost<T>) {
                hasher.add(record.hash_host());
                record.forget_host();
            }
            hasher.bytes(&record, sizeof(T));
            any = true;
        }
        return any ? hasher.finish() : Hash{};
    }

    static Hash inner_hash(const Inner& inner, uint32_t height, uint32_t base)
    {
        Hasher hasher;
        Hash first;
        bool others = false;
        for (uint32_t i = 0; i < 64; ++i) {
            if (!inner.child[i]) continue;
            const Hash child =
                hash_of(inner.child[i], height - 1, base + (i << (leaf_bits + 6 * (height - 1))));
            if (child == Hash{}) continue;
            if (i == 0)
                first = child;
            else
                others = true;
            hasher.add(i);
            hasher.add(child);
        }
        return others ? hasher.finish() : first;
    }

    static uint64_t bytes_of(const Node* node, uint32_t height)
    {
        if (!node) return 0;
        if (height == 0) return sizeof(Leaf);
        uint64_t total = sizeof(Inner);
        for (const Node* child : static_cast<const Inner*>(node)->child) total += bytes_of(child, height - 1);
        return total;
    }

    Node* root_ = nullptr;
    uint32_t height_ = 0;
    uint32_t count_ = 0;
};

template <class T>
void Pool<T>::restore_generation(uint32_t index, uint8_t generation, Epoch epoch)
{
    if (!root_) plant(epoch);
    while ((index >> leaf_bits) >> (6 * height_)) raise(epoch);
    writable(index, epoch)->generation[index % leaf_slots] = generation;
}

template <class T>
void Pool<T>::restore(uint32_t index, uint8_t generation, const T& record, Epoch epoch)
{
    restore_generation(index, generation, epoch);
    Leaf* leaf = writable(index, epoch);
    const uint32_t slot = index % leaf_slots;
    NORN_ASSERT(index != 0 && !(leaf->full >> slot & 1));
    std::memcpy(static_cast<void*>(&leaf->records[slot]), &record, sizeof(T));
    leaf->full |= 1ull << slot;
    if (leaf->full == leaf_full) mark_full(index);
    ++count_;
}

}  // namespace norn
