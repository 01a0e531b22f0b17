// Page faults: a mapping and a page table tell what is at an address.
//
//  F1  The page table holds private pages only: those a program wrote. What a file or a shared object
//      shows is found through the mapping, so all its mappings move together.
//  F2  An engine that was told of a page's bytes hears of every change of them that is not a store
//      through the same address: from the notices.
#include "mm/fault.h"

#include <algorithm>

#include "fs/file.h"
#include "host/arena.h"
#include "mm/frame.h"
#include "mm/mmap.h"
#include "mm/radix.h"
#include "mm/vma.h"

namespace norn {

namespace {

constexpr int sigbus = 7, sigsegv = 11;
constexpr FaultReason map_error{sigsegv, 1, false}, access_error{sigsegv, 2, false};
constexpr FaultReason bus_error{sigbus, 2, false}, memory_error{0, 0, true};
constexpr uint32_t out_of_memory_bit = 1u << 16;

FaultResult failed(FaultReason reason)
{
    return {{}, reason};
}

FaultResult failed(Errno error)
{
    return failed(error == ENOMEM ? memory_error : bus_error);
}

bool permitted(uint32_t flags, Access access)
{
    if (access == Access::write) return flags & vma_write;
    if (access == Access::exec) return flags & vma_exec;
    return flags & vma_rwx;  // the processor cannot forbid reading alone
}

/// A fault just below a growing mapping makes it longer (expand_stack, acct_stack_growth).
bool grow_stack(Machine& m, MmId mm, VmaId above, uint64_t va)
{
    const Mapping stack = mapping_of(m, above);
    if (!(stack.flags & vma_growsdown)) return false;
    const uint64_t start = page_down(va);
    if (start < mmap_min_addr) return false;
    const VmaId below = find_vma_before(m, mm, stack.start);
    if (below && (m[below].flags & vma_rwx) && !(m[below].flags & vma_growsdown) &&
        m[below].end + stack_guard_bytes > start)
        return false;
    if (below && m[below].end > start) return false;
    const uint64_t growth = (stack.start - start) / guest_page;
    if (stack.end - start > m[mm].stack_limit) return false;
    if ((m[mm].total_pages + growth) * guest_page > m[mm].address_limit) return false;
    if ((stack.flags & vma_account) && !enough_memory(m, growth)) return false;
    grow_mapping(m, mm, stack.start, start, stack.end);
    return true;
}

/// The mapping that the access is in; none when there is none.
VmaId mapping_at(Machine& m, MmId mm, uint64_t va)
{
    const VmaId id = find_vma_after(m, mm, va);
    if (!id || m[id].start <= va) return id;
    return grow_stack(m, mm, id, va) ? find_vma(m, mm, va) : VmaId{};
}

struct Found {
    FaultResult result;
    bool moved = false;  ///< another page, or the first, is at the address now
};

/// Puts a new private page at an address that had none.
Found put_private(Machine& m, MmId mm, uint64_t number, Result<PageId> page)
{
    if (!page.ok()) return {failed(page.error())};
    hold_page(m, *page);
    NodeId root = m[mm].page_table;
    tree_set(m, root, NodeKind::page_table, number, page->raw);
    Mm& record = m.edit(mm);
    record.page_table = root;
    record.hiwater_rss = std::max(record.hiwater_rss, ++record.rss_pages);
    return {{*page, {}}, true};
}

/// A private page that is to be written: ours alone, or a copy that is (M3).
Found write_private(Machine& m, MmId mm, uint64_t number, PageId page, bool exclusive)
{
    if (exclusive && m[page].refs == 1) return {{page, {}}};
    NodeId root = m[mm].page_table;
    const NodeId leaf = tree_unshare(m, root, number);
    if (root != m[mm].page_table) m.edit(mm).page_table = root;
    if (m[page].refs == 1) return {{page, {}}};
    const Result<PageId> copy = copy_page(m, page);
    if (!copy.ok()) return {failed(copy.error())};
    hold_page(m, *copy);
    tree_replace(m, leaf, number, copy->raw);
    return {{*copy, {}}, true};
}

/// The file's page at an address, or a private copy of it that is to be written.
Found file_fault(Machine& m, MmId mm, const Mapping& mapping, uint64_t va, bool write)
{
    const uint64_t in_file = mapping.offset_of(page_down(va));
    if (in_file >= m[mapping.inode].size) return {failed(bus_error)};
    const bool shared = mapping.flags & vma_shared;
    Result<PageId> page = inode_page(m, mapping.inode, in_file / guest_page, shared && write);
    if (!page.ok()) return {failed(page.error())};
    // What is cached of a file's page must be its own frame, not the zeros that stand for none.
    if (*page && !m[*page].frame && m[*page].in_file) grant_write(m, *page);
    if (!write || shared) return {{*page, {}}};
    return put_private(m, mm, va / guest_page, *page ? copy_page(m, *page) : new_page(m));
}

/// `force`: as ptrace writes, where the mapping need not be writable.
Found find_page(Machine& m, MmId mm, uint64_t va, Access access, bool force)
{
    if (va >= x86::user_end) return {failed(map_error)};
    const uint64_t number = va / guest_page;
    const bool write = access == Access::write;
    const VmaId id = mapping_at(m, mm, va);
    if (!id) return {failed(map_error)};
    const Mapping mapping = mapping_of(m, id);
    const bool forced = force && !(mapping.flags & vma_shared);
    if (!forced && !permitted(mapping.flags, access)) return {failed(access_error)};

    if (!(mapping.flags & vma_shared)) {
        bool exclusive = false;
        const PageId page{tree_find(m, m[mm].page_table, number, exclusive)};
        if (page && write) return write_private(m, mm, number, page, exclusive);
        if (page) return {{page, {}}};
    }
    if (mapping.inode) return file_fault(m, mm, mapping, va, write);
    if (write) return put_private(m, mm, number, new_page(m));
    return {};
}

/// Where it is the host that has no memory, the instruction has not been tried: the run ends before it.
x86::MemoryFault engine_fault(FaultReason reason)
{
    if (reason.out_of_memory && host_memory_spent()) return {fault_again};
    return {reason.packed()};
}

uint64_t frame_key(const void* bytes)
{
    return reinterpret_cast<uint64_t>(bytes);
}

}  // namespace

uint32_t FaultReason::packed() const
{
    if (out_of_memory) return out_of_memory_bit;
    return static_cast<uint32_t>(signal == sigsegv ? code : signal << 8 | code);
}

FaultReason FaultReason::unpack(uint32_t packed)
{
    if (packed & out_of_memory_bit) return memory_error;
    if (packed & fault_again) return {};
    const int signal = static_cast<int>(packed >> 8 & 0xff);
    return {signal ? signal : sigsegv, static_cast<int>(packed & 0xff), false};
}

FaultResult fault_in(Machine& m, MmId mm, uint64_t va, Access access)
{
    const Found found = find_page(m, mm, va, access, false);
    if (found.moved) notice_invalidate(m, mm, page_down(va), page_down(va) + guest_page);
    return found.result;
}

FaultResult fault_in_forced(Machine& m, MmId mm, uint64_t va)
{
    const Found found = find_page(m, mm, va, Access::write, true);
    if (found.moved) notice_invalidate(m, mm, page_down(va), page_down(va) + guest_page);
    return found.result;
}

x86::ReadPage SpaceMemory::read_page(uint64_t va)
{
    const FaultResult found = fault_in(m_, mm_, va, Access::read);
    if (found.fault.any()) return {nullptr, 0, engine_fault(found.fault)};
    const uint8_t* bytes = found.page ? page_bytes(m_, found.page) : zero_bytes();
    return {bytes, frame_key(bytes), {}};
}

// The engine looks the address up anew for loads and for code when a store finds another frame there,
// so nothing is noted for it. Other addresses that show the same page are another matter: `notices` then
// has more than it had, and the engine must hear of it before it goes on.
x86::WritePage SpaceMemory::write_page(uint64_t va)
{
    const std::size_t notices = m_.notices.size();
    const Found found = find_page(m_, mm_, va, Access::write, false);
    if (found.result.fault.any()) return {nullptr, 0, nullptr, engine_fault(found.result.fault)};
    Frame* const frame = grant_engine_write(m_, found.result.page);
    if (m_.notices.size() != notices) return {nullptr, 0, nullptr, {fault_again}};
    const uint64_t* lines = frame->stamp.load(std::memory_order_relaxed) ? &frame->code_lines : nullptr;
    return {frame->bytes, frame_key(frame->bytes), lines, {}};
}

x86::ExecPage SpaceMemory::exec_page(uint64_t va)
{
    FaultResult found = fault_in(m_, mm_, va, Access::exec);
    // Code of zeros: a page of its own can bear a stamp.
    if (!found.fault.any() && !found.page) found = fault_in_forced(m_, mm_, va);
    if (found.fault.any()) return {nullptr, 0, 0, nullptr, engine_fault(found.fault)};
    if (!m_[found.page].frame) grant_write(m_, found.page);
    Frame* const frame = code_frame(m_, found.page);
    return {frame->bytes,
            frame_key(frame->bytes),
            frame->stamp.load(std::memory_order_relaxed),
            &frame->code_lines,
            {}};
}

void SpaceMemory::void_code(uint64_t va)
{
    const FaultResult found = fault_in(m_, mm_, va, Access::write);
    if (found.page) void_stamp(m_, found.page);
}

uint8_t* write_address(Machine& m, MmId mm, uint64_t va, PageId page)
{
    const Frame* const before = m[page].frame;
    uint8_t* const bytes = grant_write(m, page);
    if (m[page].frame != before) notice_invalidate(m, mm, page_down(va), page_down(va) + guest_page);
    return bytes + va % guest_page;
}

void notice_invalidate(Machine& m, MmId mm, uint64_t start, uint64_t end)
{
    m.notices.push_back({SpaceNotice::Kind::invalidate, m[mm].space, start, end});
}

}  // namespace norn
