// Walking the tables of /proc and /sys: names, listings, links, reads and writes of their files.
#include "fs/proc.h"

#include <algorithm>
#include <array>

#include "fs/file.h"
#include "fs/inode.h"
#include "kernel/pid.h"
#include "kernel/task.h"
#include "mm/radix.h"

namespace norn {

namespace {

constexpr uint32_t minor_proc = 21, minor_sysfs = 22;
constexpr uint64_t static_cookies = 512;  ///< numbered entries come after these
constexpr int cap_sys_ptrace = 19;

/// What an inode names (Inode::special and Inode::pid).
struct Place {
    ProcDir directory = ProcDir::root;  ///< that it is, or that it is in
    bool is_directory = false;
    bool numbered = false;  ///< one of the directory's numbered entries
    bool thread = false;
    uint8_t entry = 0;  ///< row of the directory's table
    uint32_t number = 0;

    [[nodiscard]] uint64_t packed() const
    {
        return static_cast<uint64_t>(number) << 32 | static_cast<uint64_t>(entry) << 16 |
               static_cast<uint64_t>(directory) << 8 | static_cast<uint64_t>(is_directory) |
               static_cast<uint64_t>(numbered) << 1 | static_cast<uint64_t>(thread) << 2;
    }
    static Place unpack(uint64_t packed)
    {
        Place place;
        place.number = static_cast<uint32_t>(packed >> 32);
        place.entry = static_cast<uint8_t>(packed >> 16);
        place.directory = static_cast<ProcDir>(packed >> 8 & 0xff);
        place.is_directory = packed & 1;
        place.numbered = packed & 2;
        place.thread = packed & 4;
        return place;
    }
};

Place place_of(const Machine& m, InodeId inode)
{
    return Place::unpack(m[inode].special);
}

const ProcEntry& entry_of(const Place& place)
{
    const ProcDirectory& directory = proc_directory(place.directory);
    return place.numbered ? directory.numbered : directory.entries[place.entry];
}

/// The task that an inode is about; none if it is about nobody, or about somebody who is gone.
TaskId task_of(const Machine& m, InodeId inode)
{
    const PidId pid = m[inode].pid;
    return pid ? m[pid].task : TaskId{};
}

bool is_gone(const Machine& m, InodeId inode)
{
    return m[inode].pid && !task_of(m, inode);
}

ProcView view_of(Machine& m, TaskId self, InodeId inode)
{
    const Place place = place_of(m, inode);
    return {m, self, task_of(m, inode), place.thread, place.number};
}

bool same_process(const Machine& m, TaskId one, TaskId other)
{
    return one && m[one].signal == m[other].signal;
}

bool is_shown_in(ProcDir directory, const ProcEntry& entry)
{
    if (directory == ProcDir::process) return entry.place != ProcPlace::thread;
    if (directory == ProcDir::thread) return entry.place != ProcPlace::process;
    return true;
}

// ---- Numbered entries -----------------------------------------------------------------------------

std::optional<uint64_t> next_process(const Machine& m, uint64_t from)
{
    for (uint64_t number = from;; ++number) {
        bool found = false;
        number = tree_next(m, m.state.pids, number, found);
        if (!found) return {};
        const TaskId task = find_task(m, static_cast<uint32_t>(number));
        if (task && m[task].group_leader == task) return number;
    }
}

std::optional<uint64_t> next_thread(const Machine& m, TaskId task, uint64_t from)
{
    std::optional<uint64_t> best;
    for (TaskId thread = m[m[task].signal].first_thread; thread; thread = m[thread].next_thread) {
        const uint64_t number = pid_nr(m, thread);
        if (number >= from && (!best || number < *best)) best = number;
    }
    return best;
}

std::optional<uint64_t> next_descriptor(const Machine& m, TaskId task, uint64_t from)
{
    const FilesId files = m[task].files;
    if (!files) return {};
    bool found = false;
    const uint64_t number = tree_next(m, m[files].table, from, found);
    if (!found) return {};
    return number;
}

/// The first number ≥ `from` that a directory has an entry for.
std::optional<uint64_t> next_number(const Machine& m, ProcNumbers kind, TaskId task, uint64_t from)
{
    switch (kind) {
        case ProcNumbers::none:
            return {};
        case ProcNumbers::processes:
            return next_process(m, std::max<uint64_t>(from, 1));
        case ProcNumbers::threads:
            return next_thread(m, task, from);
        case ProcNumbers::descriptors:
            return next_descriptor(m, task, from);
        case ProcNumbers::processors:
            return from < m.state.limits.cpus ? std::optional<uint64_t>(from) : std::nullopt;
    }
    return {};
}

/// A thread's number names a directory of /proc that no listing shows.
bool has_number(const Machine& m, ProcNumbers kind, TaskId task, uint64_t number)
{
    if (kind == ProcNumbers::processes)
        return number > 0 && find_task(m, static_cast<uint32_t>(number)) != TaskId{};
    const std::optional<uint64_t> next = next_number(m, kind, task, number);
    return next && *next == number;
}

std::optional<uint32_t> plain_number(std::string_view text)
{
    if (text.empty() || text.size() > 9 || (text[0] == '0' && text.size() > 1)) return {};
    uint32_t number = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > '9') return {};
        number = number * 10 + static_cast<uint32_t>(digit - '0');
    }
    return number;
}

// ---- Inodes ---------------------------------------------------------------------------------------

uint64_t inode_number(const Place& place, uint32_t pid)
{
    constexpr uint64_t base = 1ull << 32;
    return base + (static_cast<uint64_t>(pid) << 40 | place.packed() >> 32 << 20 |
                   (static_cast<uint64_t>(place.entry) << 8 | static_cast<uint64_t>(place.directory)) << 2 |
                   static_cast<uint64_t>(place.numbered) << 1 | static_cast<uint64_t>(place.thread));
}

/// The owner of a process's files: root where a dump is forbidden, lest they tell what it would.
void set_owner(Machine& m, InodeId inode, TaskId task)
{
    constexpr uint32_t open_directory = s_ifdir | 0555;
    const Cred& cred = m[m[task].cred];
    const MmId mm = m[task].mm;
    const bool hidden = m[inode].mode != open_directory && mm && m[mm].dumpable != 1;
    Inode& owned = m.edit(inode);
    owned.uid = hidden ? 0 : cred.euid;
    owned.gid = hidden ? 0 : cred.egid;
}

uint32_t links_of(const Machine& m, const Place& place, TaskId task)
{
    constexpr uint32_t process_links = 9, thread_links = 8, root_links = 40;
    switch (place.directory) {
        case ProcDir::root:
            return root_links + m.state.thread_groups;
        case ProcDir::process:
            return process_links;
        case ProcDir::thread:
            return thread_links;
        case ProcDir::tasks:
            return 2 + (task ? m[m[task].signal].refs : 0);
        default:
            return 2;
    }
}

InodeId make_inode(Machine& m, FsKind fs, const Place& place, const ProcEntry& entry, PidId pid)
{
    const bool sys = fs == FsKind::sysfs;
    const InodeId inode = new_inode(m, fs, sys ? InodeKind::sys : InodeKind::proc, entry.mode,
                                    make_dev(0, sys ? minor_sysfs : minor_proc));
    if (pid) hold_pid(m, pid);
    const TaskId task = pid ? m[pid].task : TaskId{};
    const uint32_t links = place.is_directory ? links_of(m, place, task) : 1;
    Inode& made = m.edit(inode);
    made.special = place.packed();
    made.pid = pid;
    made.ino = inode_number(place, pid ? m[pid].number : 0);
    made.nlink = links;
    if (sys && type_of(entry.mode) == s_ifreg) made.size = 4096;
    if (place.directory == ProcDir::fd && task && m[task].files)
        made.size = place.is_directory ? m[m[task].files].open : 64;
    if (task) set_owner(m, inode, task);
    return inode;
}

InodeId make_root(Machine& m, FsKind fs, ProcDir directory)
{
    static constexpr ProcEntry root_entry{.name = "", .mode = s_ifdir | 0555};
    const Place place{.directory = directory, .is_directory = true};
    const InodeId inode = make_inode(m, fs, place, root_entry, {});
    m.edit(inode).ino = 1;
    return inode;
}

/// What each descriptor's link may do is what its file was opened for.
uint32_t link_mode(const Machine& m, TaskId task, uint32_t number)
{
    const FileId file{tree_get(m, m[m[task].files].table, number)};
    constexpr std::array<uint32_t, 4> modes = {0500, 0300, 0700, 0700};
    return s_iflnk | (m[file].flags & o_path ? 0 : modes[m[file].flags & o_accmode]);
}

struct Found {
    Place place;
    const ProcEntry* entry = nullptr;
    PidId pid;
};

Place child_place(const Place& parent, const ProcEntry& entry)
{
    Place place = parent;
    place.is_directory = type_of(entry.mode) == s_ifdir;
    place.numbered = false;
    if (place.is_directory) place.directory = entry.directory;
    if (entry.directory == ProcDir::thread) place.thread = true;
    return place;
}

Result<Found> find_entry(const Machine& m, InodeId inode, std::string_view name)
{
    const Place parent = place_of(m, inode);
    const ProcDirectory& directory = proc_directory(parent.directory);
    for (std::size_t row = 0; row < directory.entries.size(); ++row) {
        const ProcEntry& entry = directory.entries[row];
        if (entry.name != name || !is_shown_in(parent.directory, entry)) continue;
        Place place = child_place(parent, entry);
        if (!place.is_directory) place.entry = static_cast<uint8_t>(row);
        return Found{place, &entry, m[inode].pid};
    }
    const ProcEntry& numbered = directory.numbered;
    if (directory.numbers == ProcNumbers::none || name.substr(0, numbered.name.size()) != numbered.name)
        return ENOENT;
    const std::optional<uint32_t> number = plain_number(name.substr(numbered.name.size()));
    if (!number || !has_number(m, directory.numbers, task_of(m, inode), *number)) return ENOENT;
    Place place = child_place(parent, numbered);
    place.numbered = !place.is_directory;
    const bool by_pid =
        directory.numbers == ProcNumbers::processes || directory.numbers == ProcNumbers::threads;
    if (!by_pid) place.number = *number;
    return Found{place, &numbered, by_pid ? find_pid(m, *number) : m[inode].pid};
}

Result<InodeId> look_up_in(Machine& m, InodeId directory, std::string_view name)
{
    if (is_gone(m, directory)) return ENOENT;
    const Found found = TRY(find_entry(m, directory, name));
    ProcEntry entry = *found.entry;
    if (found.place.directory == ProcDir::fd && found.place.numbered)
        entry.mode = link_mode(m, m[found.pid].task, found.place.number);
    return make_inode(m, m[directory].fs, found.place, entry, found.pid);
}

DirEntry entry_at(const Machine& m, std::string name, const Found& found, uint64_t cookie)
{
    return {std::move(name), inode_number(found.place, found.pid ? m[found.pid].number : 0), cookie,
            type_of(found.entry->mode)};
}

NextEntry next_in(const Machine& m, InodeId inode, uint64_t cookie)
{
    if (is_gone(m, inode)) return {};
    const ProcDir which = place_of(m, inode).directory;
    const ProcDirectory& directory = proc_directory(which);
    constexpr uint64_t first = 2;
    for (uint64_t row = cookie - std::min(cookie, first); row < directory.entries.size(); ++row) {
        const ProcEntry& entry = directory.entries[row];
        if (!is_shown_in(which, entry)) continue;
        const Result<Found> found = find_entry(m, inode, entry.name);
        return entry_at(m, std::string(entry.name), *found, first + row);
    }
    const uint64_t from = cookie - std::min(cookie, static_cookies);
    const std::optional<uint64_t> number = next_number(m, directory.numbers, task_of(m, inode), from);
    if (!number) return {};
    const std::string name = std::string(directory.numbered.name) + std::to_string(*number);
    const Result<Found> found = find_entry(m, inode, name);
    return entry_at(m, name, *found, static_cookies + *number);
}

// ---- Contents -------------------------------------------------------------------------------------

Result<std::string> contents_of(const ProcView& view, const ProcEntry& entry)
{
    if (!entry.text) return std::string(entry.constant);
    return entry.text(view);
}

Result<> may_open(const Machine& m, TaskId self, TaskId task, ProcAccess access)
{
    switch (access) {
        case ProcAccess::anyone:
            return {};
        case ProcAccess::admin:
            if (self && !capable(m, self, cap_sys_admin)) return EACCES;
            return {};
        case ProcAccess::ptrace_read:
        case ProcAccess::with_memory:
            if (!task) return ESRCH;
            if (!may_trace(m, self, task)) return EACCES;
            if (access == ProcAccess::with_memory && !m[task].mm) return ESRCH;
            return {};
    }
    return {};
}

bool is_pagemap(const ProcEntry& entry)
{
    return entry.name == "pagemap" && entry.access == ProcAccess::with_memory;
}

bool is_mem_file(const ProcEntry& entry)
{
    return entry.name == "mem" && entry.access == ProcAccess::with_memory;
}

Outcome<> read_generated(Machine& m, TaskId self, FileId file, std::span<const IoVec> to, const uint64_t* pos)
{
    const InodeId inode = m[file].inode;
    const uint64_t at = pos ? *pos : m[file].pos;
    if (at == 0 || at < m[file].value || !m[file].generated) {
        const std::string made = TRY(proc_contents(m, self, inode));
        free_text(m, m[file].generated);
        const TextId text = new_text(m, made);
        File& opened = m.edit(file);
        opened.generated = text;
        opened.value = 0;
    }
    // What was read is given back, so that a long text read in small parts is gone through once.
    const GeneratedText rest = skip_text(m, {m[file].generated, m[file].value}, at);
    File& reading = m.edit(file);
    reading.generated = rest.text;
    reading.value = rest.start;
    return read_string(m, self, file, text_part(m, rest.text, at - rest.start, IoCursor(to).left()), to, pos);
}

Outcome<> write_generated(Machine& m, TaskId self, FileId file, std::span<const IoVec> from)
{
    constexpr std::size_t most = 4095;
    const InodeId inode = m[file].inode;
    if (is_gone(m, inode)) return ESRCH;
    const ProcEntry& entry = entry_of(place_of(m, inode));
    if (!entry.store) return m[inode].pid ? EINVAL : EPERM;
    IoCursor cursor(from);
    const uint64_t size = cursor.left();
    std::string bytes(std::min<uint64_t>(size, most), '\0');
    const std::size_t taken = cursor.take(m, self, {reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()});
    if (taken < bytes.size()) return EFAULT;
    TRY(entry.store(view_of(m, self, inode), bytes));
    m.edit(file).pos += size;
    return size;
}

Result<> open_generated(Machine& m, TaskId self, FileId file)
{
    const InodeId inode = m[file].inode;
    const Place place = place_of(m, inode);
    if (place.is_directory) return {};
    if (is_gone(m, inode)) return ESRCH;
    const ProcEntry& entry = entry_of(place);
    TRY(may_open(m, self, task_of(m, inode), entry.access));
    // What is read through it later is this memory, whatever the process has become.
    if (is_mem_file(entry) || is_pagemap(entry)) m.edit(file).special = m[task_of(m, inode)].mm.raw;
    return {};
}

Result<std::string> link_text(Machine& m, TaskId self, InodeId inode)
{
    if (is_gone(m, inode)) return ENOENT;
    const ProcEntry& entry = entry_of(place_of(m, inode));
    const TaskId task = task_of(m, inode);
    if (entry.follow && task && !may_trace(m, self, task)) return EACCES;
    return contents_of(view_of(m, self, inode), entry);
}

}  // namespace

bool may_trace(const Machine& m, TaskId reader, TaskId task)
{
    if (!reader || same_process(m, reader, task)) return true;
    const Cred& caller = m[m[reader].cred];
    const Cred& target = m[m[task].cred];
    const bool same_user = caller.fsuid == target.euid && caller.fsuid == target.suid &&
                           caller.fsuid == target.uid && caller.fsgid == target.egid &&
                           caller.fsgid == target.sgid && caller.fsgid == target.gid;
    const bool privileged = capable(m, reader, cap_sys_ptrace);
    if (!same_user && !privileged) return false;
    const MmId mm = m[task].mm;
    const bool dumpable = !mm || m[mm].dumpable == 1;
    const bool fewer_capabilities = (target.cap_permitted & ~caller.cap_permitted) == 0;
    return privileged || (dumpable && fewer_capabilities);
}

PidId pid_of_proc_directory(const Machine& m, FileId file)
{
    const InodeId inode = m[file].inode;
    if (!inode || m[inode].kind != InodeKind::proc) return {};
    const Place place = place_of(m, inode);
    return place.is_directory && place.directory == ProcDir::process ? m[inode].pid : PidId{};
}

// A process that is gone reads as ESRCH, but for what holds the memory itself: that reads as empty.
Result<std::string> proc_contents(Machine& m, TaskId reader, InodeId file)
{
    const ProcEntry& entry = entry_of(place_of(m, file));
    if (is_gone(m, file)) {
        if (entry.access == ProcAccess::with_memory) return std::string();
        return ESRCH;
    }
    return contents_of(view_of(m, reader, file), entry);
}

InodeId proc_root(Machine& m)
{
    return make_root(m, FsKind::proc, ProcDir::root);
}

InodeId sys_root(Machine& m)
{
    return make_root(m, FsKind::sysfs, ProcDir::sysfs_root);
}

Result<InodeId> proc_lookup(Machine& m, TaskId /*self*/, InodeId directory, std::string_view name)
{
    return look_up_in(m, directory, name);
}

Result<InodeId> sys_lookup(Machine& m, TaskId /*self*/, InodeId directory, std::string_view name)
{
    return look_up_in(m, directory, name);
}

Result<NextEntry> proc_next_entry(Machine& m, TaskId /*self*/, InodeId directory, uint64_t cookie)
{
    return next_in(m, directory, cookie);
}

Result<NextEntry> sys_next_entry(Machine& m, TaskId /*self*/, InodeId directory, uint64_t cookie)
{
    return next_in(m, directory, cookie);
}

Result<std::string> proc_readlink(Machine& m, TaskId self, InodeId link)
{
    return link_text(m, self, link);
}

Result<std::string> sys_readlink(Machine& m, TaskId self, InodeId link)
{
    return link_text(m, self, link);
}

Result<std::optional<Path>> proc_follow(Machine& m, TaskId self, InodeId link)
{
    const ProcEntry& entry = entry_of(place_of(m, link));
    if (!entry.follow) return std::optional<Path>();
    const TaskId task = task_of(m, link);
    if (!task) return ENOENT;
    if (!may_trace(m, self, task)) return EACCES;
    return std::optional<Path>(TRY(entry.follow(view_of(m, self, link))));
}

Result<> proc_permission(const Machine& m, TaskId self, InodeId inode, uint32_t /*mask*/)
{
    const Place place = place_of(m, inode);
    const TaskId task = task_of(m, inode);
    if (is_gone(m, inode)) return place.is_directory ? ESRCH : Errno::none;
    const bool private_directory =
        place.is_directory && (place.directory == ProcDir::fd || place.directory == ProcDir::fdinfo ||
                               place.directory == ProcDir::ns);
    if (private_directory && !may_trace(m, self, task)) return EACCES;
    return {};
}

Result<> proc_open(Machine& m, TaskId self, FileId file)
{
    return open_generated(m, self, file);
}

Result<> sys_open(Machine& m, TaskId self, FileId file)
{
    return open_generated(m, self, file);
}

Outcome<> proc_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to, const uint64_t* pos)
{
    const ProcEntry& entry = entry_of(place_of(m, m[file].inode));
    if (is_mem_file(entry)) return proc_mem_read(m, self, file, to, pos);
    if (is_pagemap(entry)) return proc_pagemap_read(m, self, file, to, pos);
    return read_generated(m, self, file, to, pos);
}

Outcome<> proc_write(Machine& m, TaskId self, FileId file, std::span<const IoVec> from, const uint64_t* pos)
{
    if (is_mem_file(entry_of(place_of(m, m[file].inode)))) return proc_mem_write(m, self, file, from, pos);
    return write_generated(m, self, file, from);
}

Outcome<> sys_read_file(Machine& m, TaskId self, FileId file, std::span<const IoVec> to, const uint64_t* pos)
{
    return read_generated(m, self, file, to, pos);
}

Outcome<> sys_write_file(Machine& m, TaskId self, FileId file, std::span<const IoVec> from,
                         const uint64_t* /*pos*/)
{
    return write_generated(m, self, file, from);
}

void special_inode_release(Machine& m, InodeId inode)
{
    if (const PidId pid = m[inode].pid) put_pid(m, pid);
}

Result<int64_t> parse_number(std::string_view text)
{
    constexpr std::string_view blanks = " \t\n";
    const std::size_t start = text.find_first_not_of(blanks);
    if (start == std::string_view::npos) return EINVAL;
    text.remove_prefix(start);
    text = text.substr(0, text.find_last_not_of(std::string_view(" \t\n\0", 4)) + 1);
    const bool negative = text.size() > 1 && text[0] == '-';
    if (negative) text.remove_prefix(1);
    if (text.empty() || text.size() > 18) return EINVAL;
    int64_t value = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > '9') return EINVAL;
        value = value * 10 + (digit - '0');
    }
    return negative ? -value : value;
}

std::string cpu_list(uint64_t mask)
{
    std::string list;
    for (uint32_t cpu = 0; cpu < 64; ++cpu) {
        if (!(mask >> cpu & 1)) continue;
        uint32_t last = cpu;
        while (last < 63 && (mask >> (last + 1) & 1)) ++last;
        if (!list.empty()) list += ',';
        list += std::to_string(cpu);
        if (last > cpu) list += '-' + std::to_string(last);
        cpu = last;
    }
    return list;
}

}  // namespace norn
