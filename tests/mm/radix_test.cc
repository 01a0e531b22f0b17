#include "model.h"  // first: GoogleTest needs the errno macros

#include "mm/radix.h"

#include <map>

#include "mm/frame.h"

namespace norn {
namespace {

using testing::expect_sound;
using testing::Random;
using Model = std::map<uint64_t, uint32_t>;

uint64_t some_key(Random& random)
{
    // Crowded places far apart: neighbours, other leaves, other ends of the key space.
    const uint64_t places[] = {0, 32, 1000, 1ull << 20, 1ull << 35, 0x7ffff7fff, ~0ull - 63};
    return places[random.below(7)] + random.below(64);
}

/// One random change of a tree of pages and of its model.
void change(Machine& m, NodeId& root, Model& model, Random& random)
{
    const uint64_t key = some_key(random);
    if (random.below(3) > 0) {
        const PageId page = *new_page(m);
        hold_page(m, page);
        tree_set(m, root, NodeKind::page_table, key, page.raw);
        model[key] = page.raw;
    } else if (random.below(2) == 0) {
        tree_clear(m, root, key);
        model.erase(key);
    } else {
        const uint64_t last = key + random.below(100);
        const auto from = model.lower_bound(key);
        const auto to = last < key ? model.end() : model.upper_bound(last);
        const auto expected = static_cast<uint64_t>(std::distance(from, to));
        EXPECT_EQ(tree_clear_range(m, root, key, last < key ? ~0ull : last), expected);
        model.erase(from, to);
    }
}

void expect_same(const Machine& m, NodeId root, const Model& model)
{
    EXPECT_EQ(tree_count(m, root, 0, ~0ull), model.size());
    uint64_t from = 0;
    bool found = true;
    for (const auto& [key, entry] : model) {
        EXPECT_EQ(tree_get(m, root, key), entry);
        EXPECT_EQ(tree_next(m, root, from, found), key);
        EXPECT_TRUE(found);
        from = key + 1;
    }
    for (uint64_t key : {5ull, 31ull, 32ull, 1ull << 35}) {
        uint64_t free = key;
        while (model.count(free)) ++free;
        EXPECT_EQ(tree_next_free(m, root, key), free);
    }
}

TEST(Radix, AgreesWithAMap)
{
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        Machine m;
        m.state.pids = {};
        NodeId root;
        Model model;
        Random random(seed);
        for (int i = 0; i < 400; ++i) change(m, root, model, random);
        expect_same(m, root, model);
        drop_tree(m, root);
        EXPECT_EQ(m.pool<Node>().size(), 0u);
        EXPECT_EQ(m.pool<Page>().size(), 0u);
        EXPECT_EQ(m.state.used_pages, 0u);
    }
}

TEST(Radix, SharedTreesGoTheirOwnWays)
{
    Machine m;
    Random random(7);
    NodeId a;
    Model model_a;
    for (int i = 0; i < 200; ++i) change(m, a, model_a, random);
    NodeId b = share_tree(m, a);
    Model model_b = model_a;
    for (int i = 0; i < 200; ++i) {
        change(m, a, model_a, random);
        change(m, b, model_b, random);
    }
    expect_same(m, a, model_a);
    expect_same(m, b, model_b);
    drop_tree(m, a);
    expect_same(m, b, model_b);
    drop_tree(m, b);
    EXPECT_EQ(m.pool<Node>().size(), 0u);
    EXPECT_EQ(m.pool<Page>().size(), 0u);
}

TEST(Radix, SharingCostsOneReference)
{
    Machine m;
    Random random(3);
    NodeId root;
    Model model;
    for (int i = 0; i < 500; ++i) change(m, root, model, random);
    const uint32_t nodes = m.pool<Node>().size();
    const NodeId shared = share_tree(m, root);
    EXPECT_EQ(shared, root);
    EXPECT_EQ(m.pool<Node>().size(), nodes);
    bool exclusive = true;
    EXPECT_NE(tree_find(m, root, model.begin()->first, exclusive), 0u);
    EXPECT_FALSE(exclusive);
    drop_tree(m, shared);
    EXPECT_NE(tree_find(m, root, model.begin()->first, exclusive), 0u);
    EXPECT_TRUE(exclusive);
}

TEST(Radix, CopiedMachinesDoNotDisturbEachOther)
{
    Machine a;
    Random random(11);
    NodeId root;
    Model model;
    for (int i = 0; i < 200; ++i) change(a, root, model, random);
    const Hash before = a.hash();
    Machine b = a;
    NodeId root_b = root;
    Model model_b = model;
    for (int i = 0; i < 200; ++i) change(b, root_b, model_b, random);
    EXPECT_EQ(a.hash(), before);
    EXPECT_NE(b.hash(), before);
    expect_same(a, root, model);
    expect_same(b, root_b, model_b);
}

TEST(Radix, ShapeForgetsHistory)
{
    Machine m;
    Random random(5);
    NodeId root;
    Model model;
    for (int i = 0; i < 100; ++i) change(m, root, model, random);
    const Hash before = m.hash();
    std::vector<uint64_t> added;
    for (int i = 0; i < 300; ++i) {
        const uint64_t key = (1ull << 50) + random.below(1 << 20) * 7;
        if (tree_get(m, root, key)) continue;
        const PageId page = *new_page(m);
        hold_page(m, page);
        tree_set(m, root, NodeKind::page_table, key, page.raw);
        added.push_back(key);
    }
    EXPECT_NE(m.hash(), before);
    std::shuffle(added.begin(), added.end(), std::mt19937_64(9));
    for (const uint64_t key : added) tree_clear(m, root, key);
    EXPECT_EQ(m.hash(), before);
}

TEST(Radix, MarksFollowEntries)
{
    Machine m;
    NodeId root;
    tree_set(m, root, NodeKind::pids, 3, 1, true);
    tree_set(m, root, NodeKind::pids, 4, 2);
    EXPECT_TRUE(tree_mark(m, root, 3));
    EXPECT_FALSE(tree_mark(m, root, 4));
    NodeId other = share_tree(m, root);
    tree_set_mark(m, other, 4, true);
    EXPECT_FALSE(tree_mark(m, root, 4));
    EXPECT_TRUE(tree_mark(m, other, 4));
    tree_clear(m, other, 3);
    EXPECT_FALSE(tree_mark(m, other, 3));
    EXPECT_TRUE(tree_mark(m, root, 3));
}

TEST(Pages, AreWrittenInPlaceByTheirOwnerAlone)
{
    Machine a;
    const PageId page = *new_page(a);
    hold_page(a, page);
    uint8_t* const first = grant_write(a, page);
    first[0] = 1;
    EXPECT_EQ(grant_write(a, page), first);
    const Hash before = a.hash();
    Machine b = a;
    grant_write(b, page)[0] = 2;
    EXPECT_EQ(page_bytes(a, page)[0], 1);
    EXPECT_EQ(a.hash(), before);
    EXPECT_NE(b.hash(), before);
    grant_write(b, page)[0] = 1;
    EXPECT_EQ(b.hash(), before);
}

TEST(Pages, AreOwnedAgainWhenTheOtherMachineIsGone)
{
    Machine a;
    const PageId page = *new_page(a);
    hold_page(a, page);
    uint8_t* const first = grant_write(a, page);
    {
        const Machine b = a;
    }
    EXPECT_EQ(grant_write(a, page), first);
}

TEST(Pages, ZerosHashAlikeWithAndWithoutAFrame)
{
    Machine a;
    const PageId page = *new_page(a);
    hold_page(a, page);
    const Hash before = a.hash();
    grant_write(a, page);
    EXPECT_EQ(a.hash(), before);
}

TEST(Pages, CodeStampsAreVoidedByAWriteAndNeverReused)
{
    Machine m;
    const PageId page = *new_page(m);
    hold_page(m, page);
    grant_write(m, page)[0] = 0xc3;
    const uint64_t stamp = code_frame(m, page)->stamp;
    EXPECT_NE(stamp, 0u);
    EXPECT_EQ(code_frame(m, page)->stamp, stamp);
    EXPECT_EQ(grant_engine_write(m, page)->stamp, stamp);
    m.notices.clear();
    grant_write(m, page);
    ASSERT_EQ(m.notices.size(), 1u);
    EXPECT_EQ(m.notices[0].kind, SpaceNotice::Kind::recheck_code);
    EXPECT_NE(code_frame(m, page)->stamp, stamp);
}

TEST(Pages, ACopyOfAMachineSharesTheStampUntilItWrites)
{
    Machine a;
    const PageId page = *new_page(a);
    hold_page(a, page);
    grant_write(a, page)[0] = 0xc3;
    const uint64_t stamp = code_frame(a, page)->stamp;
    Machine b = a;
    EXPECT_EQ(code_frame(b, page)->stamp, stamp);
    EXPECT_EQ(grant_engine_write(b, page)->stamp, 0u);
    EXPECT_EQ(code_frame(a, page)->stamp, stamp);
}

TEST(Pages, CountAgainstTheMachinesMemory)
{
    MachineLimits limits;
    limits.memory_pages = 2;
    Machine m(limits);
    const PageId first = *new_page(m);
    hold_page(m, first);
    EXPECT_TRUE(new_page(m).ok());
    EXPECT_EQ(new_page(m).error(), ENOMEM);
    put_page(m, first);
    EXPECT_TRUE(new_page(m).ok());
}

}  // namespace
}  // namespace norn
