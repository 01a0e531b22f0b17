// Properties of persistent pools: what a copy, an edit, an allocation and a hash may and may not do.
#include "norn/pool.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <thread>
#include <vector>

namespace norn {
namespace {

struct Thing {
    uint64_t value = 0;
    Id<Thing> friend_of;
    uint32_t small = 0;
    NORN_FIELDS(value, friend_of, small)
};

/// Big enough that a chunk holds few.
struct Big {
    std::array<uint64_t, 300> words{};
    NORN_FIELDS(words)
};

Epoch new_owner()
{
    const uint64_t name = fresh_epoch();
    return {name, name};
}

template <class T>
struct Held {
    Pool<T> pool;
    Epoch epoch = new_owner();
    /// As Machine does: both sides lose the right to write in place.
    Held copy()
    {
        Held other{pool, new_owner()};
        epoch = new_owner();
        return other;
    }
};

TEST(Pool, IdsAreLowestFreeAndNeverZero)
{
    Held<Thing> a;
    std::vector<Id<Thing>> ids;
    for (uint32_t i = 1; i <= 5000; ++i) {
        ids.push_back(a.pool.allocate(a.epoch));
        EXPECT_EQ(ids.back().index(), i);
    }
    a.pool.free(ids[4000], a.epoch);
    a.pool.free(ids[70], a.epoch);
    EXPECT_EQ(a.pool.allocate(a.epoch).index(), 71u);
    EXPECT_EQ(a.pool.allocate(a.epoch).index(), 4001u);
    EXPECT_EQ(a.pool.allocate(a.epoch).index(), 5001u);
}

TEST(Pool, FreedIdIsNotAliveAgain)
{
    Held<Thing> a;
    const auto first = a.pool.allocate(a.epoch);
    a.pool.free(first, a.epoch);
    const auto second = a.pool.allocate(a.epoch);
    EXPECT_EQ(first.index(), second.index());
    EXPECT_FALSE(a.pool.alive(first));
    EXPECT_TRUE(a.pool.alive(second));
    EXPECT_DEATH(static_cast<void>(a.pool[first]), "broken invariant");
}

TEST(Pool, CopiesAreIndependent)
{
    Held<Thing> a;
    std::vector<Id<Thing>> ids;
    for (int i = 0; i < 1000; ++i) {
        ids.push_back(a.pool.allocate(a.epoch));
        a.pool.edit(ids.back(), a.epoch).value = static_cast<uint64_t>(i);
    }
    Held<Thing> b = a.copy();
    a.pool.edit(ids[10], a.epoch).value = 77;
    b.pool.edit(ids[20], b.epoch).value = 88;
    b.pool.free(ids[30], b.epoch);
    EXPECT_EQ(a.pool[ids[10]].value, 77u);
    EXPECT_EQ(b.pool[ids[10]].value, 10u);
    EXPECT_EQ(a.pool[ids[20]].value, 20u);
    EXPECT_EQ(b.pool[ids[20]].value, 88u);
    EXPECT_TRUE(a.pool.alive(ids[30]));
    EXPECT_FALSE(b.pool.alive(ids[30]));
}

TEST(Pool, HashTellsContentsAndNothingElse)
{
    Held<Thing> a, b;
    const auto x = a.pool.allocate(a.epoch);
    const auto y = a.pool.allocate(a.epoch);
    // b gets to the same contents by a detour: more records, freed again, other generations.
    std::vector<Id<Thing>> ids;
    for (int i = 0; i < 9000; ++i) ids.push_back(b.pool.allocate(b.epoch));
    for (const auto id : ids) b.pool.free(id, b.epoch);
    const auto p = b.pool.allocate(b.epoch);
    const auto q = b.pool.allocate(b.epoch);
    a.pool.edit(x, a.epoch).friend_of = y;
    b.pool.edit(p, b.epoch).friend_of = q;
    EXPECT_NE(x, p) << "the generations differ";
    EXPECT_EQ(a.pool.hash(), b.pool.hash());
    b.epoch.grant = fresh_epoch();
    b.pool.edit(q, b.epoch).small = 1;
    EXPECT_NE(a.pool.hash(), b.pool.hash());
}

// ThreadSanitizer tells if what copies share is written without order.
TEST(Pool, CopiesAreHashedAndChangedOnSeveralThreads)
{
    Held<Thing> a;
    std::vector<Id<Thing>> ids;
    for (int i = 0; i < 5000; ++i) ids.push_back(a.pool.allocate(a.epoch));
    Held<Thing> b = a.copy();
    const auto work = [&](Held<Thing>& mine, Hash& hash) {
        hash = mine.pool.hash();
        mine.epoch.grant = fresh_epoch();
        for (std::size_t i = 0; i < ids.size(); i += 50) mine.pool.edit(ids[i], mine.epoch).small = 7;
        hash = mine.pool.hash();
    };
    Hash first, second;
    std::thread other([&] { work(b, second); });
    work(a, first);
    other.join();
    EXPECT_EQ(first, second);
}

TEST(Pool, RecordsLargerThanUsualWork)
{
    Held<Big> a;
    std::vector<Id<Big>> ids;
    for (uint64_t i = 0; i < 400; ++i) {
        ids.push_back(a.pool.allocate(a.epoch));
        a.pool.edit(ids.back(), a.epoch).words[299] = i;
    }
    for (uint64_t i = 0; i < 400; ++i) EXPECT_EQ(a.pool[ids[i]].words[299], i);
}

TEST(Pool, ARecordCanStartAsACopy)
{
    Held<Big> a;
    Big outside;
    outside.words[299] = 7;
    const auto first = a.pool.allocate(a.epoch, outside);
    std::vector<Id<Big>> ids{first};
    // Over the edge of a chunk, and from chunks that another copy of the pool holds as well.
    for (uint64_t i = 0; i < 50; ++i) {
        const Held<Big> other = a.copy();
        ids.push_back(a.pool.allocate_like(a.epoch, ids.back()));
        ++a.pool.edit(ids.back(), a.epoch).words[299];
    }
    for (uint64_t i = 0; i < ids.size(); ++i) EXPECT_EQ(a.pool[ids[i]].words[299], 7 + i);
}

TEST(Pool, AFreedSlotStartsAnew)
{
    Held<Thing> a, b;
    const auto gone = a.pool.allocate(a.epoch);
    a.pool.edit(gone, a.epoch).value = 5;
    a.pool.free(gone, a.epoch);
    EXPECT_EQ(a.pool.hash(), b.pool.hash());
    a.epoch.grant = fresh_epoch();
    const auto again = a.pool.allocate(a.epoch);
    EXPECT_EQ(again.index(), gone.index());
    EXPECT_NE(again, gone);
    EXPECT_EQ(a.pool[again].value, Thing().value);
}

TEST(Pool, RestoreGivesTheSameIdsAndTheSameFuture)
{
    Held<Thing> a;
    std::vector<Id<Thing>> ids;
    for (int i = 0; i < 6000; ++i) ids.push_back(a.pool.allocate(a.epoch));
    for (std::size_t i = 0; i < ids.size(); i += 3) a.pool.free(ids[i], a.epoch);
    Held<Thing> b;
    for (uint32_t i = 0; i < a.pool.capacity(); ++i) {
        if (const auto id = a.pool.at_index(i))
            b.pool.restore(i, a.pool.generation_of(i), a.pool[id], b.epoch);
        else
            b.pool.restore_generation(i, a.pool.generation_of(i), b.epoch);
    }
    EXPECT_EQ(a.pool.hash(), b.pool.hash());
    a.epoch.grant = fresh_epoch();
    b.epoch.grant = fresh_epoch();
    for (int i = 0; i < 3000; ++i) EXPECT_EQ(a.pool.allocate(a.epoch), b.pool.allocate(b.epoch));
}

// A random walk over a family of copies, beside plain maps that do the same.
TEST(Pool, AgreesWithAPlainMapThroughCopies)
{
    struct Pair {
        Held<Thing> held;
        std::map<uint32_t, uint64_t> plain;  // raw id → value
    };
    std::mt19937 engine(7);
    const auto random = [&] { return static_cast<uint32_t>(engine()); };
    std::vector<Pair> family(1);
    for (int step = 0; step < 60'000; ++step) {
        Pair& one = family[random() % family.size()];
        const uint32_t action = random() % 100;
        if (action < 45 || one.plain.empty()) {
            const auto id = one.held.pool.allocate(one.held.epoch);
            one.held.pool.edit(id, one.held.epoch).value = static_cast<uint64_t>(step);
            one.plain[id.raw] = static_cast<uint64_t>(step);
        } else if (action < 70) {
            auto it = one.plain.lower_bound(random() % (one.plain.rbegin()->first + 1));
            one.held.pool.edit(Id<Thing>{it->first}, one.held.epoch).value = it->second = random();
        } else if (action < 99) {
            auto it = one.plain.lower_bound(random() % (one.plain.rbegin()->first + 1));
            one.held.pool.free(Id<Thing>{it->first}, one.held.epoch);
            one.plain.erase(it);
        } else if (family.size() < 6) {
            Pair copy{one.held.copy(), one.plain};
            family.push_back(std::move(copy));
        } else {
            family.erase(family.begin() + static_cast<long>(random() % family.size()));
            if (family.empty()) family.emplace_back();
        }
    }
    for (const Pair& one : family) {
        EXPECT_EQ(one.held.pool.size(), one.plain.size());
        for (const auto& [raw, value] : one.plain) EXPECT_EQ(one.held.pool[Id<Thing>{raw}].value, value);
        std::size_t seen = 0;
        one.held.pool.each([&](Id<Thing> id, const Thing&) { seen += one.plain.count(id.raw); });
        EXPECT_EQ(seen, one.plain.size());
    }
}

}  // namespace
}  // namespace norn
