#include "lib/avl.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace norn {
namespace {

struct ByStart {
    static VmaId own(Machine&, VmaId id) { return id; }
    static void update(Machine& m, VmaId id)
    {
        m.edit(id).height =
            1 + std::max(Avl<Vma, ByStart>::height(m, m[id].left), Avl<Vma, ByStart>::height(m, m[id].right));
    }
    static int order(const Machine& m, uint64_t start, VmaId id)
    {
        return start < m[id].start ? -1 : start > m[id].start;
    }
};
using Tree = Avl<Vma, ByStart>;

/// Appends the keys in order; returns the height as counted. A1.
uint32_t walk(const Machine& m, VmaId tree, std::vector<uint64_t>& keys)
{
    if (!tree) return 0;
    const uint32_t left = walk(m, m[tree].left, keys);
    keys.push_back(m[tree].start);
    const uint32_t right = walk(m, m[tree].right, keys);
    EXPECT_LE(std::max(left, right) - std::min(left, right), 1u);
    EXPECT_EQ(m[tree].height, 1 + std::max(left, right));
    return m[tree].height;
}

TEST(Avl, HoldsWhatWasPutIn)
{
    std::mt19937_64 random(1);
    Machine m;
    VmaId root;
    std::set<uint64_t> expected;
    for (int step = 0; step < 4000; ++step) {
        const uint64_t key = random() % 300;
        if (expected.insert(key).second) {
            const VmaId node = m.allocate<Vma>();
            m.edit(node).start = key;
            root = Tree::insert(m, root, node, key);
        } else {
            expected.erase(key);
            VmaId erased;
            root = Tree::erase(m, root, key, erased);
            EXPECT_EQ(m[erased].start, key);
            EXPECT_FALSE(m[erased].left || m[erased].right);
            m.free(erased);
        }
        std::vector<uint64_t> keys;
        walk(m, root, keys);
        ASSERT_TRUE(std::equal(keys.begin(), keys.end(), expected.begin(), expected.end())) << step;
    }
}

}  // namespace
}  // namespace norn
