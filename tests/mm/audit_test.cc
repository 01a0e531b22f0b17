#include "model.h"  // first: GoogleTest needs the errno macros

#include "mm/frame.h"
#include "mm/mmap.h"
#include "mm/radix.h"
#include "mm/usercopy.h"
#include "mm/vma.h"

namespace norn {
namespace {

using testing::expect_sound;

/// A space with two mappings and two written pages, and its child.
struct Fixture {
    Machine m;
    MmId mm;
    uint64_t start = 0;

    Fixture() : mm(new_mm(m))
    {
        MapRequest request;
        request.length = 4 * guest_page;
        request.flags = vma_read | vma_write | vma_may_write;
        start = *map(m, mm, {}, request);
        request.flags = vma_read | vma_may_write;
        EXPECT_TRUE(map(m, mm, {}, request).ok());
        const uint8_t byte = 1;
        EXPECT_EQ(write_user(m, mm, start, {&byte, 1}), 1u);
        EXPECT_EQ(write_user(m, mm, start + guest_page, {&byte, 1}), 1u);
        EXPECT_TRUE(copy_mm(m, mm).ok());
        expect_sound(m);
    }
    [[nodiscard]] PageId page() const { return PageId{tree_get(m, m[mm].page_table, start / guest_page)}; }
};

void expect_broken(const Machine& m, const char* part)
{
    AuditReport report;
    audit_mm(m, report);
    bool named = false;
    for (const std::string& what : report.broken) named = named || what.find(part) != what.npos;
    EXPECT_TRUE(named) << part;
}

TEST(Audit, SeesAPageCountedWrongly)
{
    Fixture f;
    ++f.m.edit(f.page()).refs;
    expect_broken(f.m, "page");
}

TEST(Audit, SeesANodeCountedWrongly)
{
    Fixture f;
    ++f.m.edit(f.m[f.mm].page_table).refs;
    expect_broken(f.m, "radix node");
}

TEST(Audit, SeesAFileWhoseMappingsAreCountedWrongly)
{
    Fixture f;
    MapRequest request;
    request.length = guest_page;
    request.flags = vma_read | vma_shared | vma_may_write;
    const auto at = map(f.m, f.mm, {}, request);
    ASSERT_TRUE(at.ok());
    expect_sound(f.m);
    ++f.m.edit(f.m[find_vma(f.m, f.mm, *at)].inode).mappings;
    expect_broken(f.m, "mappings is 2, found 1");
}

TEST(Audit, SeesANodeInTheWrongShape)
{
    Fixture f;
    f.m.edit(f.m[f.mm].page_table).used = 0;
    expect_broken(f.m, "too few slots");
    expect_broken(f.m, "slot and bitmap disagree");
}

TEST(Audit, SeesANodeThatStandsInTheWrongPlace)
{
    Fixture f;
    MapRequest request;
    request.address = f.start - (1ull << 30);
    request.fixed = true;
    request.length = guest_page;
    request.flags = vma_read | vma_write | vma_may_write;
    const auto far = map(f.m, f.mm, {}, request);
    ASSERT_TRUE(far.ok());
    const uint8_t byte = 1;
    ASSERT_EQ(write_user(f.m, f.mm, *far, {&byte, 1}), 1u);
    expect_sound(f.m);
    Node& root = f.m.edit(f.m[f.mm].page_table);
    ASSERT_GT(root.shift, 0);
    ++root.shift;
    expect_broken(f.m, "shift is not a multiple of 5");
    root.shift += 4;
    expect_broken(f.m, "a child in the wrong place");
}

TEST(Audit, SeesAMarkWithoutAnEntry)
{
    Fixture f;
    Node& leaf = f.m.edit(f.m[f.mm].page_table);
    leaf.marks = ~leaf.used;
    expect_broken(f.m, "mark without an entry");
}

TEST(Audit, SeesAnEntryThatIsGone)
{
    Fixture f;
    const PageId page = f.page();
    f.m.free(page);
    expect_broken(f.m, "names one that is gone");
}

TEST(Audit, SeesPagesMiscounted)
{
    Fixture f;
    ++f.m.state.used_pages;
    expect_broken(f.m, "used_pages");
}

TEST(Audit, SeesAMappingCountedWrongly)
{
    Fixture f;
    ++f.m.edit(f.m[f.mm].vmas).refs;
    expect_broken(f.m, "mapping");
}

TEST(Audit, SeesATreeOfMappingsThatIsWrongAboutItself)
{
    Fixture f;
    f.m.edit(f.m[f.mm].vmas).widest_gap = 1;
    expect_broken(f.m, "wrong about its subtree");
    f.m.edit(f.m[f.mm].vmas).height = 9;
    expect_broken(f.m, "out of balance");
    f.m.edit(f.m[f.mm].vmas).end = 0;
    expect_broken(f.m, "bad order or bounds");
}

TEST(Audit, SeesEachCountOfASpace)
{
    const auto breaks = [](uint64_t Mm::*count, const char* name) {
        Fixture f;
        ++(f.m.edit(f.mm).*count);
        expect_broken(f.m, name);
    };
    breaks(&Mm::total_pages, "total_pages");
    breaks(&Mm::data_pages, "data_pages");
    breaks(&Mm::stack_pages, "stack_pages");
    breaks(&Mm::committed_pages, "committed_pages");
    breaks(&Mm::rss_pages, "rss_pages");
    const auto breaks_small = [](uint32_t Mm::*count, const char* name) {
        Fixture f;
        ++(f.m.edit(f.mm).*count);
        expect_broken(f.m, name);
    };
    breaks_small(&Mm::map_count, "map_count");
    breaks(&Mm::locked_pages, "locked_pages");
    breaks_small(&Mm::fork_exceptions, "fork_exceptions");
}

TEST(Audit, SeesPromisesThatDoNotAddUp)
{
    Fixture f;
    ++f.m.state.committed_pages;
    expect_broken(f.m, "committed_pages is not the sum");
}

}  // namespace
}  // namespace norn
