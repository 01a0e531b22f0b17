// Listing directories: getdents(2).
#include <algorithm>
#include <cstring>
#include <vector>

#include "fs/dentry.h"
#include "fs/inode.h"
#include "fs/namei.h"
#include "fs/syscalls.h"

namespace norn {

namespace {

enum class Layout : uint8_t { old, with_type };

// One record as getdents64(2) or getdents(2) lays it out.
std::vector<uint8_t> record_of(const DirEntry& entry, uint64_t next, Layout layout)
{
    constexpr std::size_t name_at_64 = 19;
    constexpr std::size_t name_at_old = 18;
    const bool typed = layout == Layout::with_type;
    const std::size_t name_at = typed ? name_at_64 : name_at_old;
    const std::size_t needed = name_at + entry.name.size() + (typed ? 1 : 2);
    std::vector<uint8_t> record((needed + 7) / 8 * 8);
    const auto length = static_cast<uint16_t>(record.size());
    const auto type = static_cast<uint8_t>(entry.type >> 12);
    std::memcpy(record.data(), &entry.ino, 8);
    std::memcpy(record.data() + 8, &next, 8);
    std::memcpy(record.data() + 16, &length, 2);
    std::memcpy(record.data() + name_at, entry.name.data(), entry.name.size());
    record[typed ? name_at_64 - 1 : record.size() - 1] = type;
    return record;
}

DirEntry dot_entry(const Machine& m, FileId file, uint64_t cookie)
{
    Path place = m[file].path;
    if (cookie == 1) {
        place = below_mounts(m, place);
        place.dentry = m[place.dentry].parent;
    }
    return {cookie == 0 ? "." : "..", m[m[place.dentry].inode].ino, cookie, s_ifdir};
}

// A batch of entries from a position on; none: the end.
Result<std::vector<DirEntry>> next_entries(Machine& m, TaskId self, FileId file, uint64_t cookie)
{
    const InodeId inode = m[file].inode;
    if (cookie < first_cookie) return std::vector<DirEntry>{dot_entry(m, file, cookie)};
    if (m[inode].kind == InodeKind::memory) return memory_entries(m, m[file].path.dentry, cookie);
    const NextEntry entry = TRY(m[inode].kind == InodeKind::proc ? proc_next_entry(m, self, inode, cookie)
                                                                 : sys_next_entry(m, self, inode, cookie));
    std::vector<DirEntry> entries;
    if (entry) entries.push_back(*entry);
    return entries;
}

Result<uint64_t> list_directory(Machine& m, TaskId self, int fd, uint64_t to, uint32_t size, Layout layout)
{
    const FileId file = TRY(fget(m, self, fd));
    if (m[file].kind != FileKind::directory) return ENOTDIR;
    if (m[m[file].inode].nlink == 0) return ENOENT;
    uint64_t done = 0;
    uint64_t position = m[file].pos;
    for (bool full = false; !full;) {
        const std::vector<DirEntry> entries = TRY(next_entries(m, self, file, position));
        if (entries.empty()) break;
        for (const DirEntry& entry : entries) {
            const std::vector<uint8_t> record = record_of(entry, entry.cookie + 1, layout);
            full = done + record.size() > size;
            if (full) break;
            if (write_user(m, m[self].mm, to + done, record) != record.size()) return EFAULT;
            done += record.size();
            position = entry.cookie + 1;
        }
        if (full && done == 0) return EINVAL;
    }
    m.edit(file).pos = position;
    if (!(m[file].flags & o_noatime)) touch_atime_of(m, m[file].inode);
    return done;
}

}  // namespace

Result<uint64_t> sys_getdents64(Machine& m, TaskId self, int fd, UserPtr<> to, uint32_t size)
{
    return list_directory(m, self, fd, to.address, size, Layout::with_type);
}

Result<uint64_t> sys_getdents(Machine& m, TaskId self, int fd, UserPtr<> to, uint32_t size)
{
    return list_directory(m, self, fd, to.address, size, Layout::old);
}

// ---- Directories in memory ---------------------------------------------------------------------------

namespace {

constexpr std::size_t batch_entries = 256;

DirEntry entry_of(const Machine& m, DentryId dentry, std::string name, uint64_t cookie)
{
    const Inode& inode = m[m[dentry].inode];
    return {std::move(name), inode.ino, cookie, type_of(inode.mode)};
}

// The host's names, at their places in its sorted listing, as far as they are not hidden.
Result<> list_host_names(Machine& m, DentryId directory, uint64_t cookie, std::vector<DirEntry>& entries)
{
    const std::string path = text_of(m, m[m[directory].inode].host_path);
    const std::vector<std::string> names = TRY(m.root->list(path));
    for (uint64_t i = cookie - first_cookie; i < names.size() && entries.size() < batch_entries; ++i) {
        const std::string& name = names[i];
        if (const DentryId known = find_name(m, directory, name)) {
            if (!(m[known].flags & dentry_whiteout))
                entries.push_back(entry_of(m, known, name, first_cookie + i));
            continue;
        }
        const auto stat = m.root->stat(join_path(path, name));
        if (stat.ok()) entries.push_back({name, stat->ino, first_cookie + i, type_of(stat->mode)});
    }
    return {};
}

void list_new_names(const Machine& m, DentryId directory, uint64_t cookie, std::vector<DirEntry>& entries)
{
    for (DentryId at = m[directory].first_new; at && entries.size() < batch_entries; at = m[at].next_new)
        if (m[at].cookie >= cookie) entries.push_back(entry_of(m, at, text_of(m, m[at].name), m[at].cookie));
}

}  // namespace

Result<std::vector<DirEntry>> memory_entries(Machine& m, DentryId directory, uint64_t cookie)
{
    std::vector<DirEntry> entries;
    if (m[m[directory].inode].host_listed && cookie < new_name_cookie)
        TRY(list_host_names(m, directory, cookie, entries));
    if (entries.empty()) list_new_names(m, directory, cookie, entries);
    return entries;
}

Result<bool> is_empty_directory(Machine& m, DentryId directory)
{
    if (m[m[directory].inode].kind != InodeKind::memory) return false;
    const std::vector<DirEntry> first = TRY(memory_entries(m, directory, first_cookie));
    return first.empty();
}

}  // namespace norn
