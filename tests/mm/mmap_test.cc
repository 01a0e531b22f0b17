#include "model.h"  // first: GoogleTest needs the errno macros

#include "mm/mmap.h"

#include <map>

#include "mm/fault.h"
#include "mm/frame.h"
#include "mm/usercopy.h"
#include "mm/vma.h"

namespace norn {
namespace {

using testing::expect_sound;
using testing::Random;

constexpr uint32_t read_write = vma_read | vma_write | vma_may_write;

MapRequest anonymous(uint64_t length, uint64_t address = 0, uint32_t flags = read_write)
{
    MapRequest request;
    request.length = length;
    request.address = address;
    request.fixed = address != 0;
    request.flags = flags;
    return request;
}

void put(Machine& m, MmId mm, uint64_t va, uint8_t value)
{
    EXPECT_EQ(write_user(m, mm, va, {&value, 1}), 1u);
}

uint8_t get(Machine& m, MmId mm, uint64_t va)
{
    uint8_t value = 0xee;
    EXPECT_EQ(read_user(m, mm, va, {&value, 1}), 1u);
    return value;
}

/// Page number → flags of its mapping.
using Model = std::map<uint64_t, uint32_t>;

void random_change(Machine& m, MmId mm, Model& model, Random& random)
{
    constexpr uint64_t base = 0x10'0000'0000 / guest_page;
    const uint64_t first = base + random.below(200), pages = 1 + random.below(20);
    const uint64_t start = first * guest_page, end = start + pages * guest_page;
    const uint32_t choices[] = {read_write, vma_read | vma_may_write, vma_may_write};
    const uint32_t flags = choices[random.below(3)];
    const uint32_t stored = accountable(m, flags) ? flags | vma_account : flags;
    switch (random.below(3)) {
        case 0:
            ASSERT_TRUE(map(m, mm, {}, anonymous(end - start, start, flags)).ok());
            for (uint64_t i = 0; i < pages; ++i) model[first + i] = stored;
            break;
        case 1:
            ASSERT_TRUE(unmap(m, mm, start, end).ok());
            for (uint64_t i = 0; i < pages; ++i) model.erase(first + i);
            break;
        default:
            for (uint64_t i = 0; i < pages; ++i) {
                const auto page = model.find(first + i);
                if (page != model.end() && (page->second & vma_write))
                    put(m, mm, page->first * guest_page, static_cast<uint8_t>(i));
            }
    }
}

void expect_same(const Machine& m, MmId mm, const Model& model)
{
    EXPECT_EQ(m[mm].total_pages, model.size());
    uint32_t runs = 0;
    uint64_t before = 0;
    uint32_t before_flags = 0;
    for (const auto& [page, flags] : model) {
        const VmaId vma = find_vma(m, mm, page * guest_page);
        ASSERT_TRUE(vma);
        EXPECT_EQ(m[vma].flags, flags);
        if (page != before + 1 || flags != before_flags) ++runs;
        before = page;
        before_flags = flags;
    }
    EXPECT_EQ(m[mm].map_count, runs) << "neighbours of one kind are one mapping";
}

TEST(Mappings, AgreeWithAMap)
{
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        Machine m;
        const MmId mm = new_mm(m);
        Model model;
        Random random(seed);
        for (int i = 0; i < 150; ++i) random_change(m, mm, model, random);
        expect_same(m, mm, model);
        expect_sound(m);
        put_mm(m, mm);
        EXPECT_EQ(m.pool<Vma>().size(), 0u);
        EXPECT_EQ(m.pool<Page>().size(), 0u);
        EXPECT_EQ(m.state.committed_pages, 0u);
    }
}

TEST(Mappings, ForkedSpacesGoTheirOwnWays)
{
    Machine m;
    const MmId parent = new_mm(m);
    Model model;
    Random random(42);
    for (int i = 0; i < 100; ++i) random_change(m, parent, model, random);
    const MmId child = *copy_mm(m, parent);
    Model child_model = model;
    for (int i = 0; i < 100; ++i) {
        random_change(m, parent, model, random);
        random_change(m, child, child_model, random);
    }
    expect_same(m, parent, model);
    expect_same(m, child, child_model);
    expect_sound(m);
    put_mm(m, parent);
    expect_same(m, child, child_model);
    expect_sound(m);
}

TEST(Mappings, CopiedMachinesDoNotDisturbEachOther)
{
    Machine a;
    const MmId mm = new_mm(a);
    Model model;
    Random random(43);
    for (int i = 0; i < 100; ++i) random_change(a, mm, model, random);
    const Hash before = a.hash();
    Machine b = a;
    Model model_b = model;
    for (int i = 0; i < 100; ++i) random_change(b, mm, model_b, random);
    expect_same(b, mm, model_b);
    expect_sound(b);
    expect_same(a, mm, model);
    EXPECT_EQ(a.hash(), before);
}

TEST(Fork, CostsTheSameWhateverIsMapped)
{
    Machine m;
    const MmId mm = new_mm(m);
    const uint64_t start = *map(m, mm, {}, anonymous(1000 * guest_page));
    for (uint64_t i = 0; i < 1000; ++i) put(m, mm, start + i * guest_page, 1);
    const uint32_t nodes = m.pool<Node>().size(), pages = m.pool<Page>().size(), vmas = m.pool<Vma>().size();
    const MmId child = *copy_mm(m, mm);
    EXPECT_EQ(m.pool<Node>().size(), nodes);
    EXPECT_EQ(m.pool<Page>().size(), pages);
    EXPECT_EQ(m.pool<Vma>().size(), vmas);
    EXPECT_EQ(m[child].rss_pages, 1000u);
    expect_sound(m);
}

TEST(Fork, EachSideSeesItsOwnWrites)
{
    Machine m;
    const MmId parent = new_mm(m);
    const uint64_t start = *map(m, parent, {}, anonymous(4 * guest_page));
    put(m, parent, start, 1);
    const MmId child = *copy_mm(m, parent);
    put(m, child, start, 2);
    put(m, parent, start + guest_page, 3);
    EXPECT_EQ(get(m, parent, start), 1);
    EXPECT_EQ(get(m, child, start), 2);
    EXPECT_EQ(get(m, child, start + guest_page), 0);
    EXPECT_EQ(m[parent].rss_pages, 2u);
    EXPECT_EQ(m[child].rss_pages, 1u);
    put_mm(m, child);
    const uint32_t pages = m.pool<Page>().size();
    put(m, parent, start, 4);
    EXPECT_EQ(m.pool<Page>().size(), pages) << "alone again, so in place";
    expect_sound(m);
}

TEST(Fork, SharedMemoryStaysShared)
{
    Machine m;
    const MmId parent = new_mm(m);
    const uint64_t start = *map(m, parent, {}, anonymous(2 * guest_page, 0, read_write | vma_shared));
    const MmId child = *copy_mm(m, parent);
    put(m, child, start, 5);
    EXPECT_EQ(get(m, parent, start), 5);
    Machine copy = m;
    put(copy, parent, start, 6);
    EXPECT_EQ(get(copy, child, start), 6);
    EXPECT_EQ(get(m, child, start), 5);
    put_mm(m, parent);
    put_mm(m, child);
    EXPECT_EQ(m.pool<Inode>().size(), 0u);
    EXPECT_EQ(m.pool<Page>().size(), 0u);
}

TEST(Fork, LeavesOutAndWipesWhatItWasTold)
{
    Machine m;
    const MmId parent = new_mm(m);
    const uint64_t kept = *map(m, parent, {}, anonymous(guest_page, 0x10000, read_write | vma_wipeonfork));
    const uint64_t gone = *map(m, parent, {}, anonymous(guest_page, 0x20000, read_write | vma_dontfork));
    put(m, parent, kept, 1);
    put(m, parent, gone, 1);
    const MmId child = *copy_mm(m, parent);
    EXPECT_EQ(get(m, child, kept), 0);
    EXPECT_FALSE(find_vma(m, child, gone));
    EXPECT_EQ(get(m, parent, kept), 1);
    expect_sound(m);
}

TEST(Faults, TellWhy)
{
    Machine m;
    const MmId mm = new_mm(m);
    const uint64_t start = *map(m, mm, {}, anonymous(guest_page, 0, vma_read | vma_may_write));
    const FaultReason readonly = fault_in(m, mm, start, Access::write).fault;
    EXPECT_EQ(readonly.signal, 11);
    EXPECT_EQ(readonly.code, 2);
    const FaultReason nothing = fault_in(m, mm, start + guest_page, Access::read).fault;
    EXPECT_EQ(nothing.signal, 11);
    EXPECT_EQ(nothing.code, 1);
    EXPECT_EQ(FaultReason::unpack(readonly.packed()).code, 2);
    EXPECT_EQ(fault_in(m, mm, start, Access::exec).fault.code, 2);
    EXPECT_FALSE(fault_in(m, mm, start, Access::read).page) << "untouched memory has no page";
}

TEST(Faults, MemoryEnds)
{
    MachineLimits limits;
    limits.memory_pages = 3;
    Machine m(limits);
    m.state.overcommit = 1;
    const MmId mm = new_mm(m);
    const uint64_t start = *map(m, mm, {}, anonymous(10 * guest_page));
    for (uint64_t i = 0; i < 3; ++i) put(m, mm, start + i * guest_page, 1);
    EXPECT_TRUE(fault_in(m, mm, start + 3 * guest_page, Access::write).fault.out_of_memory);
    EXPECT_FALSE(fault_in(m, mm, start + 3 * guest_page, Access::read).fault.any());
}

TEST(Faults, StacksGrowDownToTheirLimitAndKeepTheirDistance)
{
    Machine m;
    const MmId mm = new_mm(m);
    const uint64_t top = 0x7fff'0000'0000;
    m.edit(mm).stack_limit = 64 * guest_page;
    ASSERT_TRUE(map(m, mm, {}, anonymous(guest_page, top, read_write | vma_growsdown)).ok());
    EXPECT_FALSE(fault_in(m, mm, top - 1, Access::write).fault.any());
    EXPECT_FALSE(fault_in(m, mm, top - 63 * guest_page, Access::write).fault.any());
    EXPECT_EQ(m[mm].stack_pages, 64u);
    EXPECT_EQ(fault_in(m, mm, top - 64 * guest_page, Access::write).fault.code, 1);

    m.edit(mm).stack_limit = ~0ull;
    ASSERT_TRUE(map(m, mm, {}, anonymous(guest_page, top - 400 * guest_page)).ok());
    EXPECT_FALSE(fault_in(m, mm, top - 143 * guest_page, Access::write).fault.any());
    EXPECT_EQ(fault_in(m, mm, top - 144 * guest_page, Access::write).fault.signal, 11);
    expect_sound(m);
}

TEST(Placement, GoesDownwardsFromTheBase)
{
    Machine m;
    const MmId mm = new_mm(m);
    EXPECT_EQ(m[mm].mmap_base, 0x7fff'f7ff'f000u);
    const uint64_t first = *map(m, mm, {}, anonymous(guest_page));
    EXPECT_EQ(first, 0x7fff'f7ff'e000u);
    EXPECT_EQ(*map(m, mm, {}, anonymous(2 * guest_page, 0, vma_read)), first - 2 * guest_page);
    ASSERT_TRUE(unmap(m, mm, first, first + guest_page).ok());
    EXPECT_EQ(*map(m, mm, {}, anonymous(guest_page)), first) << "the highest gap that is wide enough";
}

TEST(Placement, FollowsAHintWhereItCan)
{
    Machine m;
    const MmId mm = new_mm(m);
    MapRequest request = anonymous(guest_page);
    request.address = 0x5000'0123;
    EXPECT_EQ(*map(m, mm, {}, request), 0x5000'0000u);
    EXPECT_NE(*map(m, mm, {}, request), 0x5000'0000u) << "taken";
    request.fixed = request.no_replace = true;
    request.address = 0x5000'0000;
    EXPECT_EQ(map(m, mm, {}, request).error(), EEXIST);
}

TEST(Engine, IsToldWhatItMustAskAgain)
{
    Machine m;
    const MmId mm = new_mm(m);
    const uint64_t start = *map(m, mm, {}, anonymous(guest_page));
    SpaceMemory memory(m, mm);
    EXPECT_EQ(memory.read_page(start).host, zero_bytes());
    m.notices.clear();
    const x86::WritePage page = memory.write_page(start);
    ASSERT_NE(page.host, nullptr);
    EXPECT_EQ(memory.read_page(start).host, page.host);
    EXPECT_TRUE(m.notices.empty()) << "the engine sees its own stores";
    const MmId child = *copy_mm(m, mm);
    ASSERT_EQ(m.notices.size(), 1u);
    EXPECT_EQ(m.notices[0].kind, SpaceNotice::Kind::copied);
    EXPECT_NE(memory.write_page(start).host, page.host) << "the child still shows the old frame";
    memory.select(child);
    EXPECT_EQ(memory.read_page(start).host, page.host);
    m.notices.clear();
    put(m, mm, start, 1);
    EXPECT_TRUE(m.notices.empty()) << "written in place";
}

}  // namespace
}  // namespace norn
