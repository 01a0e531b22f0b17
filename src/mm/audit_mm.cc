// Recomputes what the memory's structures say of themselves.
#include <algorithm>
#include <bit>
#include <string>
#include <vector>

#include "kernel/audit.h"
#include "mm/radix.h"
#include "mm/vma.h"

namespace norn {

namespace {

bool holds_pages(NodeKind kind)
{
    return kind == NodeKind::page_table || kind == NodeKind::file_pages;
}

void audit_node(const Machine& m, NodeId id, const Node& node, AuditReport& report)
{
    const std::string name = "radix node " + std::to_string(id.index());
    if (node.shift % 5 != 0) report.add(name + ": shift is not a multiple of 5");
    const int children = std::popcount(node.used);
    if (children < (node.shift == 0 ? 1 : 2)) report.add(name + ": too few slots in use");
    if (node.marks & ~node.used) report.add(name + ": a mark without an entry");
    for (uint32_t slot = 0; slot < 32; ++slot) {
        const bool used = node.used >> slot & 1;
        if (used != (node.slot[slot] != 0)) report.add(name + ": slot and bitmap disagree");
        if (!used || node.shift == 0 || !m.alive(NodeId{node.slot[slot]})) continue;
        const Node& child = m[NodeId{node.slot[slot]}];
        const bool below = child.shift < node.shift && child.kind == node.kind;
        if (!below || (child.base - node.base) >> node.shift != slot)
            report.add(name + ": a child in the wrong place");
    }
}

void audit_nodes(const Machine& m, AuditReport& report)
{
    References<Node> nodes(m);
    References<Page> pages(m);
    nodes.add(m.state.pids, report, "the table of pids");
    nodes.add(m.state.futexes, report, "the table of futexes");
    m.pool<Mm>().each([&](MmId, const Mm& mm) { nodes.add(mm.page_table, report, "an address space"); });
    m.pool<Inode>().each([&](InodeId, const Inode& inode) { nodes.add(inode.pages, report, "an inode"); });
    m.pool<Files>().each(
        [&](FilesId, const Files& files) { nodes.add(files.table, report, "a file table"); });
    const auto in_pipe = [&](auto, const auto& pipe) {
        for (const PipeBuffer& buffer : pipe.ring) pages.add(buffer.page, report, "a pipe");
    };
    m.pool<Pipe>().each(in_pipe);
    m.pool<PipeRing>().each(in_pipe);
    m.pool<Node>().each([&](NodeId id, const Node& node) {
        audit_node(m, id, node, report);
        for (uint32_t live = node.used; live; live &= live - 1) {
            const uint32_t entry = node.slot[static_cast<uint32_t>(std::countr_zero(live))];
            if (node.shift > 0)
                nodes.add(NodeId{entry}, report, "a radix node");
            else if (holds_pages(node.kind))
                pages.add(PageId{entry}, report, "a leaf");
        }
    });
    nodes.compare(report, "radix node");
    pages.compare(report, "page");
    if (m.state.used_pages != m.pool<Page>().size()) report.add("used_pages is not the number of pages");
}

/// What an address space's mappings add up to.
struct Sums {
    uint64_t total = 0, data = 0, stack = 0, committed = 0, locked = 0;
    uint32_t count = 0, exceptions = 0;
    uint64_t end = 0;  ///< of the mapping before

    void add(const Vma& vma)
    {
        const uint64_t pages = (vma.end - vma.start) / guest_page;
        ++count;
        total += pages;
        if (vma.flags & vma_growsdown)
            stack += pages;
        else if ((vma.flags & (vma_write | vma_shared)) == vma_write)
            data += pages;
        if (vma.flags & vma_account) committed += pages;
        if (vma.flags & vma_locked) locked += pages;
        if (vma.flags & (vma_dontfork | vma_wipeonfork | vma_locked)) ++exceptions;
        end = vma.end;
    }
};

/// Walks a tree of mappings in order; returns its height.
uint32_t audit_tree(const Machine& m, VmaId id, Sums& sums, AuditReport& report)
{
    if (!id || !m.alive(id)) return 0;
    const Vma& vma = m[id];
    const std::string name = "mapping at " + std::to_string(vma.start);
    const uint64_t before = sums.end;
    const uint32_t left = audit_tree(m, vma.left, sums, report);
    if (vma.start < sums.end || vma.start >= vma.end || vma.start % guest_page || vma.end % guest_page)
        report.add(name + " to " + std::to_string(vma.end) + ": bad order or bounds, after " +
                   std::to_string(sums.end));
    uint64_t first = vma.start, last = vma.end, gap = 0;
    if (vma.left && m.alive(vma.left)) {
        first = m[vma.left].first;
        gap = std::max(m[vma.left].widest_gap, vma.start - m[vma.left].last);
    }
    sums.add(vma);
    const uint32_t right = audit_tree(m, vma.right, sums, report);
    if (vma.right && m.alive(vma.right)) {
        last = m[vma.right].last;
        gap = std::max({gap, m[vma.right].widest_gap, m[vma.right].first - vma.end});
    }
    if (first != vma.first || last != vma.last || gap != vma.widest_gap || first < before)
        report.add(name + ": wrong about its subtree");
    const uint32_t height = 1 + std::max(left, right);
    if (vma.height != height || left > right + 1 || right > left + 1) report.add(name + ": out of balance");
    return height;
}

void audit_space(const Machine& m, MmId id, const Mm& mm, AuditReport& report)
{
    Sums sums;
    audit_tree(m, mm.vmas, sums, report);
    const auto same = [&](uint64_t found, uint64_t kept, const char* what) {
        if (found == kept) return;
        report.add("address space " + std::to_string(id.index()) + ": " + what + " is " +
                   std::to_string(kept) + ", found " + std::to_string(found));
    };
    same(sums.count, mm.map_count, "map_count");
    same(sums.total, mm.total_pages, "total_pages");
    same(sums.data, mm.data_pages, "data_pages");
    same(sums.stack, mm.stack_pages, "stack_pages");
    same(sums.committed, mm.committed_pages, "committed_pages");
    same(sums.locked, mm.locked_pages, "locked_pages");
    same(sums.exceptions, mm.fork_exceptions, "fork_exceptions");
    same(tree_count(m, mm.page_table, 0, ~0ull), mm.rss_pages, "rss_pages");
}

void audit_mapped_files(const Machine& m, AuditReport& report)
{
    References<Inode> mapped(m);
    m.pool<Vma>().each([&](VmaId, const Vma& vma) { mapped.add(vma.inode, report, "a mapping"); });
    m.pool<Inode>().each([&](InodeId id, const Inode& inode) {
        if (inode.mappings != mapped.found(id))
            report.add("inode " + std::to_string(id.index()) + ": mappings is " +
                       std::to_string(inode.mappings) + ", found " + std::to_string(mapped.found(id)));
    });
}

}  // namespace

void audit_mm(const Machine& m, AuditReport& report)
{
    audit_nodes(m, report);
    audit_mapped_files(m, report);
    References<Vma> vmas(m);
    uint64_t committed = 0;
    m.pool<Mm>().each([&](MmId id, const Mm& mm) {
        vmas.add(mm.vmas, report, "an address space");
        committed += mm.committed_pages;
        audit_space(m, id, mm, report);
    });
    m.pool<Vma>().each([&](VmaId, const Vma& vma) {
        vmas.add(vma.left, report, "a mapping");
        vmas.add(vma.right, report, "a mapping");
    });
    vmas.compare(report, "mapping");
    if (committed != m.state.committed_pages) report.add("committed_pages is not the sum over all spaces");
}

}  // namespace norn
