#include "mm/usercopy.h"

#include <algorithm>
#include <array>

#include "fs/file.h"
#include "mm/fault.h"
#include "mm/frame.h"
#include "mm/mmap.h"
#include "mm/radix.h"
#include "mm/vma.h"

namespace norn {

namespace {

constexpr std::size_t path_max = 4096;
constexpr uint64_t iov_max = 1024;
constexpr uint64_t max_rw_count = 0x7fff'f000;

/// Calls `f(address, offset, size)` for each piece of a range that lies within a page, until it refuses.
/// Returns the bytes done.
template <class F>
std::size_t each_page(uint64_t address, std::size_t size, const F& f)
{
    std::size_t done = 0;
    while (done < size) {
        const uint64_t va = address + done;
        const std::size_t part = std::min<std::size_t>(size - done, guest_page - va % guest_page);
        if (va < address || !f(va, done, part)) break;
        done += part;
    }
    return done;
}

std::size_t write_through(Machine& m, MmId mm, uint64_t to, std::span<const uint8_t> from, bool force)
{
    m.call_bytes += from.size();
    return each_page(to, from.size(), [&](uint64_t va, std::size_t done, std::size_t part) {
        const FaultResult found = force ? fault_in_forced(m, mm, va) : fault_in(m, mm, va, Access::write);
        if (found.fault.any()) return false;
        std::memcpy(write_address(m, mm, va, found.page), from.data() + done, part);
        return true;
    });
}

/// The page at `va` as a look shows it, in `copy` where nothing of it is in memory; null: no such page.
const uint8_t* peek_page(const Machine& m, MmId mm, uint64_t va, std::array<uint8_t, guest_page>& copy)
{
    const VmaId id = find_vma(m, mm, va);
    if (!id || !(m[id].flags & vma_rwx)) return nullptr;
    const Mapping mapping = mapping_of(m, id);
    if (!(mapping.flags & vma_shared))
        if (const PageId page{tree_get(m, m[mm].page_table, va / guest_page)}) return page_bytes(m, page);
    if (!mapping.inode) return zero_bytes();
    const Inode& inode = m[mapping.inode];
    const uint64_t number = mapping.offset_of(va) / guest_page;
    if (const PageId page{tree_get(m, inode.pages, number)}) return page_bytes(m, page);
    if (number * guest_page >= inode.host_size)
        return number * guest_page < inode.size ? zero_bytes() : nullptr;
    copy.fill(0);
    return m.root->read_page(text_of(m, inode.host_path), number, copy).ok() ? copy.data() : nullptr;
}

}  // namespace

std::size_t peek_user(const Machine& m, MmId mm, uint64_t from, std::span<uint8_t> to)
{
    return each_page(from, to.size(), [&](uint64_t va, std::size_t done, std::size_t part) {
        std::array<uint8_t, guest_page> copy;
        const uint8_t* const page = va < x86::user_end ? peek_page(m, mm, va, copy) : nullptr;
        if (page) std::memcpy(to.data() + done, page + va % guest_page, part);
        return page != nullptr;
    });
}

std::size_t read_user(Machine& m, MmId mm, uint64_t from, std::span<uint8_t> to)
{
    m.call_bytes += to.size();
    return each_page(from, to.size(), [&](uint64_t va, std::size_t done, std::size_t part) {
        const FaultResult found = fault_in(m, mm, va, Access::read);
        if (found.fault.any()) return false;
        const uint8_t* bytes = found.page ? page_bytes(m, found.page) : zero_bytes();
        std::memcpy(to.data() + done, bytes + va % guest_page, part);
        return true;
    });
}

std::size_t write_user(Machine& m, MmId mm, uint64_t to, std::span<const uint8_t> from)
{
    return write_through(m, mm, to, from, false);
}

std::size_t force_write_user(Machine& m, MmId mm, uint64_t to, std::span<const uint8_t> from)
{
    return write_through(m, mm, to, from, true);
}

Result<std::string> get_string(Machine& m, TaskId self, UserStr from, std::size_t limit, Errno too_long)
{
    std::string text;
    bool ended = false;
    const MmId mm = m[self].mm;
    each_page(from.address, limit, [&](uint64_t va, std::size_t, std::size_t part) {
        const FaultResult found = fault_in(m, mm, va, Access::read);
        if (found.fault.any()) return false;
        const uint8_t* page = found.page ? page_bytes(m, found.page) : zero_bytes();
        const auto* start = reinterpret_cast<const char*>(page + va % guest_page);
        const std::size_t length = strnlen(start, part);
        text.append(start, length);
        ended = length < part;
        return !ended;
    });
    if (ended) return text;
    return text.size() == limit ? too_long : EFAULT;
}

Result<std::string> get_path(Machine& m, TaskId self, UserStr from)
{
    return get_string(m, self, from, path_max, ENAMETOOLONG);
}

Result<std::vector<IoVec>> get_iovec(Machine& m, TaskId self, UserPtr<IoVec> from, uint64_t count)
{
    if (count > iov_max) return EINVAL;
    std::vector<IoVec> vectors(count);
    const std::size_t size = count * sizeof(IoVec);
    if (read_user(m, m[self].mm, from.address, {reinterpret_cast<uint8_t*>(vectors.data()), size}) != size)
        return EFAULT;
    uint64_t total = 0;
    for (IoVec& vector : vectors) {
        if (static_cast<int64_t>(vector.length) < 0) return EINVAL;
        if (vector.base > x86::user_end || vector.length > x86::user_end - vector.base) return EFAULT;
        vector.length = std::min(vector.length, max_rw_count - total);
        total += vector.length;
    }
    return vectors;
}

}  // namespace norn
