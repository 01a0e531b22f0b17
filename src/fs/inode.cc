// Inodes and the contents of regular files.
//
//  I1  A page of a file is, in this order: the one in the inode's tree; the host's, below `host_size`;
//      zeros. So taking a file over from the host changes pages one by one, and what was truncated away
//      never comes back.
#include "fs/inode.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "fs/abi.h"
#include "fs/pipe.h"
#include "kernel/task.h"
#include "kernel/timer.h"
#include "mm/frame.h"
#include "mm/mmap.h"
#include "mm/radix.h"

namespace norn {

namespace {

constexpr uint64_t blocks_per_page = page_size / 512;

uint64_t pages_up(uint64_t bytes)
{
    return bytes / page_size + (bytes % page_size != 0);
}

bool on_host(const Machine& m, InodeId inode, uint64_t page_number)
{
    return page_number < pages_up(m[inode].host_size);
}

// The host's bytes of a page; zeros from `host_size` on.
Result<> read_host_page(Machine& m, InodeId inode, uint64_t page_number, std::span<uint8_t, page_size> to)
{
    std::fill(to.begin(), to.end(), uint8_t{0});
    TRY(m.root->read_page(text_of(m, m[inode].host_path), page_number, to));
    const uint64_t valid = m[inode].host_size - page_number * page_size;
    if (valid < page_size) std::fill(to.begin() + static_cast<std::ptrdiff_t>(valid), to.end(), uint8_t{0});
    return {};
}

PageId page_in_tree(const Machine& m, InodeId inode, uint64_t page_number)
{
    return PageId{tree_get(m, m[inode].pages, page_number)};
}

void set_page(Machine& m, InodeId inode, uint64_t page_number, PageId page)
{
    NodeId root = m[inode].pages;
    tree_set(m, root, NodeKind::file_pages, page_number, page.raw);
    m.edit(inode).pages = root;
}

// The page in the inode's tree, made from what I1 says. With `overwrite` the host's bytes do not matter.
Result<PageId> own_page(Machine& m, InodeId inode, uint64_t page_number, bool overwrite)
{
    if (const PageId page = page_in_tree(m, inode, page_number)) return page;
    const bool host = on_host(m, inode, page_number);
    std::array<uint8_t, page_size> bytes;
    if (host && !overwrite) TRY(read_host_page(m, inode, page_number, bytes));
    const PageId page = TRY(new_page(m));
    hold_page(m, page);
    if (host && !overwrite) std::memcpy(grant_write(m, page), bytes.data(), page_size);
    set_page(m, inode, page_number, page);
    if (!host) m.edit(inode).blocks += blocks_per_page;
    return page;
}

// setuid and setgid bits go when somebody without CAP_FSETID writes.
void strip_privileges(Machine& m, TaskId self, InodeId inode)
{
    const uint32_t mode = m[inode].mode;
    uint32_t bits = mode & s_isuid;
    if ((mode & s_isgid) && (mode & 010)) bits |= s_isgid;
    if (bits && !capable(m, self, cap_fsetid)) m.edit(inode).mode &= ~bits;
}

void zero_in_page(Machine& m, InodeId inode, uint64_t start, uint64_t end)
{
    const PageId page = page_in_tree(m, inode, start / page_size);
    if (page && start < end) std::memset(grant_write(m, page) + start % page_size, 0, end - start);
}

}  // namespace

InodeKind kind_of_mode(uint32_t mode)
{
    switch (type_of(mode)) {
        case s_ififo:
            return InodeKind::fifo;
        case s_ifchr:
        case s_ifblk:
            return InodeKind::device;
        case s_ifsock:
            return InodeKind::socket;
        default:
            return InodeKind::memory;
    }
}

std::string join_path(std::string_view directory, std::string_view name)
{
    std::string path(directory);
    if (path != "/") path += '/';
    path += name;
    return path;
}

InodeId new_inode(Machine& m, FsKind fs, InodeKind kind, uint32_t mode, uint64_t dev)
{
    const InodeId id = m.allocate<Inode>();
    Inode& inode = m.edit(id);
    inode.ino = m.state.next_ino++;
    inode.atime_ns = inode.mtime_ns = inode.ctime_ns = inode.btime_ns = realtime_ns(m);
    inode.dev = dev;
    inode.mode = mode;
    inode.nlink = type_of(mode) == s_ifdir ? 2 : 1;
    inode.refs = 1;
    inode.fs = fs;
    inode.kind = kind;
    inode.changed = 1;
    return id;
}

Result<InodeId> inode_from_host(Machine& m, const std::string& host_path)
{
    const HostStat stat = TRY(m.root->stat(host_path));
    const TextId path = new_text(m, host_path);
    const InodeId id = m.allocate<Inode>();
    Inode& inode = m.edit(id);
    inode.ino = stat.ino;
    inode.size = stat.size;
    inode.atime_ns = stat.atime_ns;
    inode.mtime_ns = stat.mtime_ns;
    inode.ctime_ns = stat.ctime_ns;
    inode.dev = stat.dev;
    inode.rdev = stat.rdev;
    inode.blocks = stat.blocks;
    inode.mode = stat.mode;
    inode.uid = stat.uid;
    inode.gid = stat.gid;
    inode.nlink = stat.nlink;
    inode.refs = 1;
    inode.host_path = path;
    inode.kind = kind_of_mode(stat.mode);
    if (type_of(stat.mode) == s_ifreg) inode.host_size = stat.size;
    inode.host_listed = type_of(stat.mode) == s_ifdir;
    return id;
}

void hold_inode(Machine& m, InodeId inode)
{
    m.edit(inode).refs++;
}

void put_inode(Machine& m, InodeId inode)
{
    if (--m.edit(inode).refs > 0) return;
    if (m[inode].kind == InodeKind::proc || m[inode].kind == InodeKind::sys ||
        m[inode].kind == InodeKind::device || m[inode].kind == InodeKind::outside)
        special_inode_release(m, inode);
    const Inode gone = m[inode];
    NORN_ASSERT(!gone.locks);
    drop_tree(m, gone.pages);
    free_text(m, gone.host_path);
    free_text(m, gone.link);
    if (gone.pipe) free_pipe(m, gone.pipe);
    m.free(inode);
}

void drop_link(Machine& m, InodeId inode)
{
    Inode& dropped = m.edit(inode);
    if (dropped.nlink > 0) dropped.nlink--;
    dropped.ctime_ns = realtime_ns(m);
}

void mark_changed(Machine& m, InodeId inode)
{
    if (!m[inode].changed) m.edit(inode).changed = 1;
}

void touch(Machine& m, InodeId inode, uint32_t which)
{
    const int64_t now = realtime_ns(m);
    Inode& touched = m.edit(inode);
    if (which & touch_atime) touched.atime_ns = now;
    if (which & touch_mtime) touched.mtime_ns = now;
    if (which & touch_ctime) touched.ctime_ns = now;
}

void touch_atime_of(Machine& m, InodeId inode)
{
    constexpr int64_t day_ns = 86'400ll * 1'000'000'000;
    const Inode& seen = m[inode];
    if (seen.atime_ns > seen.mtime_ns && seen.atime_ns > seen.ctime_ns &&
        seen.atime_ns > realtime_ns(m) - day_ns)
        return;
    touch(m, inode, touch_atime);
}

Result<PageId> inode_page(Machine& m, InodeId inode, uint64_t page_number, bool for_write)
{
    if (page_number >= pages_up(m[inode].size)) return ENOENT;
    if (for_write) mark_changed(m, inode);
    return own_page(m, inode, page_number, false);
}

Result<std::size_t> read_inode(Machine& m, InodeId inode, uint64_t offset, std::span<uint8_t> to)
{
    const uint64_t size = m[inode].size;
    if (offset >= size) return std::size_t{0};
    const std::size_t total = std::min<uint64_t>(to.size(), size - offset);
    std::array<uint8_t, page_size> host;
    for (std::size_t done = 0; done < total;) {
        const uint64_t at = offset + done;
        const std::size_t in_page = at % page_size;
        const std::size_t part = std::min<std::size_t>(total - done, page_size - in_page);
        const uint8_t* bytes = zero_bytes();
        if (const PageId page = page_in_tree(m, inode, at / page_size)) {
            bytes = page_bytes(m, page);
        } else if (on_host(m, inode, at / page_size)) {
            TRY(read_host_page(m, inode, at / page_size, host));
            bytes = host.data();
        }
        std::memcpy(to.data() + done, bytes + in_page, part);
        done += part;
    }
    return total;
}

Result<uint64_t> read_pages(Machine& m, TaskId self, InodeId inode, uint64_t offset, IoCursor& to)
{
    std::array<uint8_t, page_size> bytes;
    uint64_t done = 0;
    while (to.left() > 0) {
        const uint64_t at = offset + done;
        const std::size_t part = std::min<uint64_t>(page_size - at % page_size, to.left());
        const auto got = read_inode(m, inode, at, {bytes.data(), part});
        if (!got.ok() && done == 0) return got.error();
        if (!got.ok() || *got == 0) break;
        const std::size_t put = to.put(m, self, {bytes.data(), *got});
        if (put == 0 && done == 0) return EFAULT;
        done += put;
        if (put < part) break;
    }
    return done;
}

Result<uint64_t> write_pages(Machine& m, TaskId self, InodeId inode, uint64_t offset, IoCursor& from)
{
    if (from.left() > 0) {
        strip_privileges(m, self, inode);
        mark_changed(m, inode);
    }
    std::array<uint8_t, page_size> bytes;
    uint64_t done = 0;
    Errno failed = Errno::none;
    while (from.left() > 0 && failed == Errno::none) {
        const uint64_t at = offset + done;
        const std::size_t in_page = at % page_size;
        const std::size_t part = std::min<uint64_t>(page_size - in_page, from.left());
        const std::size_t got = from.take(m, self, {bytes.data(), part});
        if (got < part) failed = EFAULT;
        if (got == 0) break;
        const bool whole = in_page == 0 && (got == page_size || at + got >= m[inode].size);
        const auto page = own_page(m, inode, at / page_size, whole);
        if (!page.ok()) {
            failed = page.error() == ENOMEM ? ENOSPC : page.error();
            break;
        }
        std::memcpy(grant_write(m, *page) + in_page, bytes.data(), got);
        done += got;
        if (at + got > m[inode].size) m.edit(inode).size = at + got;
    }
    if (done > 0) touch(m, inode, touch_mtime | touch_ctime);
    if (done == 0 && failed != Errno::none) return failed;
    return done;
}

uint64_t max_file_size(const Machine& m, InodeId inode)
{
    constexpr uint64_t most_offset = 0x7fff'ffff'ffff'ffff, most_blocks = 0xffff'ffff;
    return m[inode].fs == FsKind::tmpfs ? most_offset : most_blocks * page_size;
}

Result<> truncate_inode(Machine& m, InodeId inode, uint64_t size)
{
    const uint64_t old = m[inode].size;
    if (size < old) {
        NodeId root = m[inode].pages;
        tree_clear_range(m, root, pages_up(size), ~0ull);
        m.edit(inode).pages = root;
        unmap_file_tail(m, inode, pages_up(size));
        if (size % page_size) zero_in_page(m, inode, size, (size / page_size + 1) * page_size);
        Inode& shorter = m.edit(inode);
        shorter.host_size = std::min(shorter.host_size, size);
        shorter.blocks = std::min(shorter.blocks, pages_up(size) * blocks_per_page);
    }
    m.edit(inode).size = size;
    touch(m, inode, touch_mtime | touch_ctime);
    mark_changed(m, inode);
    return {};
}

namespace {

/// Gives the pages [first, last) back; they read as zeros, also below `host_size`.
Result<> drop_file_pages(Machine& m, InodeId inode, uint64_t first, uint64_t last)
{
    if (first >= last) return {};
    const uint64_t host_end = pages_up(m[inode].host_size);
    const bool up_to_host_end = first < host_end && last >= host_end;
    for (uint64_t page = first; page < std::min(last, host_end) && !up_to_host_end; ++page) {
        TRY(own_page(m, inode, page, true));
        zero_in_page(m, inode, page * page_size, (page + 1) * page_size);
    }
    const uint64_t from = up_to_host_end ? first : std::max(first, host_end);
    if (from >= last) return {};
    NodeId root = m[inode].pages;
    const uint64_t made_here = tree_count(m, root, std::max(from, host_end), last - 1);
    tree_clear_range(m, root, from, last - 1);
    const uint64_t of_host = up_to_host_end ? host_end - first : 0;
    Inode& holed = m.edit(inode);
    holed.pages = root;
    holed.blocks -= std::min(holed.blocks, (made_here + of_host) * blocks_per_page);
    if (up_to_host_end) holed.host_size = first * page_size;
    return {};
}

/// What is at page `from` and behind it moves to `to` and behind that, where there is nothing.
Result<> move_pages(Machine& m, InodeId inode, uint64_t from, uint64_t to)
{
    for (uint64_t page = from; page < pages_up(m[inode].host_size); ++page)
        TRY(own_page(m, inode, page, false));
    Inode& moved = m.edit(inode);
    moved.host_size = std::min(moved.host_size, from * page_size);
    NodeId root = moved.pages;
    std::vector<uint64_t> numbers;
    bool found = false;
    for (uint64_t n = tree_next(m, root, from, found); found; n = tree_next(m, root, n + 1, found))
        numbers.push_back(n);
    if (to > from) std::reverse(numbers.begin(), numbers.end());
    for (const uint64_t number : numbers) {
        const PageId page{tree_get(m, root, number)};
        hold_page(m, page);
        tree_set(m, root, NodeKind::file_pages, number - from + to, page.raw);
        tree_clear(m, root, number);
    }
    m.edit(inode).pages = root;
    return {};
}

void contents_moved(Machine& m, InodeId inode)
{
    if (m[inode].mappings > 0) m.notices.push_back({SpaceNotice::Kind::invalidate_all, 0, 0, 0});
    touch(m, inode, touch_mtime | touch_ctime);
    mark_changed(m, inode);
}

Result<> zero_range(Machine& m, InodeId inode, uint64_t start, uint64_t end)
{
    const uint64_t page = start / page_size;
    if (start >= end || (!on_host(m, inode, page) && !page_in_tree(m, inode, page))) return {};
    TRY(own_page(m, inode, page, false));
    zero_in_page(m, inode, start, end);
    return {};
}

}  // namespace

Result<> punch_hole(Machine& m, InodeId inode, uint64_t start, uint64_t end)
{
    const uint64_t size = m[inode].size;
    end = std::min(end, size);
    if (start < end) {
        const uint64_t first = pages_up(start);
        const uint64_t last = end == size ? pages_up(end) : end / page_size;
        TRY(zero_range(m, inode, start, std::min(end, first * page_size)));
        if (last >= first) TRY(zero_range(m, inode, last * page_size, end));
        TRY(drop_file_pages(m, inode, first, last));
    }
    contents_moved(m, inode);
    return {};
}

Result<> collapse_range(Machine& m, InodeId inode, uint64_t start, uint64_t end)
{
    if (start % page_size || end % page_size || end >= m[inode].size) return EINVAL;
    unmap_file_tail(m, inode, start / page_size);
    TRY(drop_file_pages(m, inode, start / page_size, end / page_size));
    TRY(move_pages(m, inode, end / page_size, start / page_size));
    m.edit(inode).size -= end - start;
    contents_moved(m, inode);
    return {};
}

Result<> insert_range(Machine& m, InodeId inode, uint64_t start, uint64_t end)
{
    const uint64_t size = m[inode].size;
    if (start % page_size || end % page_size) return EINVAL;
    if (end - start > max_file_size(m, inode) - size) return EFBIG;
    if (start >= size) return EINVAL;
    unmap_file_tail(m, inode, start / page_size);
    TRY(move_pages(m, inode, start / page_size, end / page_size));
    m.edit(inode).size += end - start;
    contents_moved(m, inode);
    return {};
}

Result<> allocate_range(Machine& m, InodeId inode, uint64_t start, uint64_t end)
{
    const uint64_t first = std::max(start / page_size, pages_up(m[inode].host_size));
    const uint64_t last = pages_up(end);
    if (first < last) {
        const uint64_t missing = last - first - tree_count(m, m[inode].pages, first, last - 1);
        if (missing > m.state.limits.memory_pages - m.state.used_pages) return ENOSPC;
    }
    constexpr uint64_t bytes_looked_at = 64;
    if (first < last) m.call_bytes += (last - first) * bytes_looked_at;
    mark_changed(m, inode);
    for (uint64_t page = first; (page = tree_next_free(m, m[inode].pages, page)) < last;) {
        const auto made = own_page(m, inode, page, true);
        if (!made.ok()) return made.error() == ENOMEM ? ENOSPC : made.error();
    }
    return {};
}

Result<uint64_t> seek_data(const Machine& m, InodeId inode, uint64_t from)
{
    const uint64_t size = m[inode].size;
    if (from >= size) return ENXIO;
    if (from < m[inode].host_size) return from;
    bool found = false;
    const uint64_t page = tree_next(m, m[inode].pages, from / page_size, found);
    if (!found || page >= pages_up(size)) return ENXIO;
    return std::max(from, page * page_size);
}

Result<uint64_t> seek_hole(const Machine& m, InodeId inode, uint64_t from)
{
    const uint64_t size = m[inode].size;
    if (from >= size) return ENXIO;
    const uint64_t first = std::max(from / page_size, pages_up(m[inode].host_size));
    const uint64_t page = tree_next_free(m, m[inode].pages, first);
    return std::min(size, std::max(from, page * page_size));
}

}  // namespace norn
