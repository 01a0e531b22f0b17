// /proc/PID/maps, mem, cmdline and their kin: a process's memory, shown.
#include <fmt/format.h>

#include <algorithm>

#include "fs/file.h"
#include "fs/proc.h"
#include "kernel/task.h"
#include "mm/mmap.h"
#include "mm/radix.h"
#include "mm/usercopy.h"

namespace norn {

namespace {

constexpr uint64_t page = 4096;
constexpr uint64_t last_address = 1ull << 47;
constexpr std::size_t name_column = 73;  ///< where a mapping's name begins

std::string read_range(Machine& m, MmId mm, uint64_t start, uint64_t end)
{
    if (end <= start) return {};
    std::string bytes(end - start, '\0');
    const std::size_t size =
        read_user(m, mm, start, {reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()});
    bytes.resize(size);
    return bytes;
}

std::string escaped(const std::string& path)
{
    std::string text;
    for (const char byte : path)
        if (byte == '\n')
            text += "\\012";
        else
            text += byte;
    return text;
}

bool holds(const Vma& vma, uint64_t address)
{
    return vma.start <= address && address < vma.end;
}

/// The path of a mapped file, or the tag of a special mapping.
std::string name_of(const ProcView& view, const Mm& mm, const Vma& vma)
{
    if (vma.flags & vma_vdso) return "[vdso]";
    if (vma.flags & vma_vvar) return "[vvar]";
    if (vma.file) return escaped(file_path_string(view.m, view.task, vma.file));
    if (vma.inode) return "/dev/zero (deleted)";
    if (vma.start < mm.brk && vma.end > mm.start_brk) return "[heap]";
    if (holds(vma, mm.start_stack)) return "[stack]";
    if (vma.name) return "[anon:" + text_of(view.m, vma.name) + "]";
    return {};
}

std::string header_of(const ProcView& view, const Mm& mm, const Vma& vma)
{
    const InodeId inode = vma.inode;
    const uint64_t dev = inode ? view.m[inode].dev : 0, ino = inode ? view.m[inode].ino : 0;
    const uint64_t offset = inode ? vma.offset : 0;
    const auto bit = [&](uint32_t flag, char letter) { return vma.flags & flag ? letter : '-'; };
    std::string line =
        fmt::format("{:08x}-{:08x} {}{}{}{} {:08x} {:02x}:{:02x} {} ", vma.start, vma.end, bit(vma_read, 'r'),
                    bit(vma_write, 'w'), bit(vma_exec, 'x'), vma.flags & vma_shared ? 's' : 'p', offset,
                    dev_major(dev), dev_minor(dev), ino);
    const std::string name = name_of(view, mm, vma);
    if (!name.empty()) line += std::string(name_column - std::min(name_column, line.size()), ' ') + name;
    return line + "\n";
}

/// Calls `f` with each mapping, in order. It may not change mappings.
template <class F>
void each_vma(const Machine& m, MmId mm, F&& f)
{
    for (VmaId id = find_vma_after(m, mm, 0); id;) {
        const Vma vma = m[id];
        f(vma);
        if (vma.end >= last_address) return;
        id = find_vma_after(m, mm, vma.end);
    }
}

/// Pages of a mapping that are in memory, in the classes of smaps.
struct Resident {
    uint64_t size = 0, anon = 0, file = 0, shmem = 0, shared = 0, private_dirty = 0, private_clean = 0;
    uint64_t pss_bytes = 0;  ///< each page divided by its users

    void add(const Resident& other)
    {
        size += other.size;
        anon += other.anon;
        file += other.file;
        shmem += other.shmem;
        shared += other.shared;
        private_dirty += other.private_dirty;
        private_clean += other.private_clean;
        pss_bytes += other.pss_bytes;
    }
    [[nodiscard]] uint64_t total() const { return anon + file + shmem; }
};

/// The pages of the mapped object that the process sees without an entry of its own: all that are in memory.
/// `hidden` of them are behind entries.
void add_object_pages(const Machine& m, const Vma& vma, uint64_t hidden, Resident& seen)
{
    const Inode& object = m[vma.inode];
    const uint64_t first = vma.offset / page;
    const uint64_t pages = tree_count(m, object.pages, first, first + seen.size - 1) - hidden;
    const bool in_memory = !vma.file || object.fs == FsKind::tmpfs;
    const uint32_t users = std::max(1u, object.mappings);
    (in_memory ? seen.shmem : seen.file) += pages;
    if (users > 1)
        seen.shared += pages;
    else
        (in_memory ? seen.private_dirty : seen.private_clean) += pages;
    seen.pss_bytes += pages * page / users;
}

/// A page of a file is one that the file's own tree names; all others are the process's.
Resident resident_in(const Machine& m, const Mm& mm, const Vma& vma)
{
    Resident seen;
    uint64_t hidden = 0;
    seen.size = (vma.end - vma.start) / page;
    const uint64_t end = vma.end / page;
    for (uint64_t number = vma.start / page;; ++number) {
        bool found = false;
        number = tree_next(m, mm.page_table, number, found);
        if (!found || number >= end) break;
        const PageId id{tree_get(m, mm.page_table, number)};
        const uint64_t in_file = vma.offset / page + number - vma.start / page;
        const uint32_t below = vma.inode ? tree_get(m, m[vma.inode].pages, in_file) : 0;
        const bool of_file = below == id.raw;
        if (below) ++hidden;
        const uint32_t users = std::max(1u, m[id].refs - (of_file ? 1 : 0));
        if (of_file)
            ++(m[vma.inode].nlink > 0 && vma.file ? seen.file : seen.shmem);
        else
            ++seen.anon;
        if (users > 1)
            ++seen.shared;
        else if (of_file)
            ++seen.private_clean;
        else
            ++seen.private_dirty;
        seen.pss_bytes += page / users;
    }
    if (vma.inode) add_object_pages(m, vma, hidden, seen);
    return seen;
}

std::string kib(std::string_view name, uint64_t pages)
{
    return fmt::format("{:<16}{:8} kB\n", std::string(name) + ":", pages * 4);
}

std::string counts_of(const Resident& seen, bool rollup)
{
    const uint64_t pss = seen.pss_bytes / 1024;
    std::string text = kib("Rss", seen.total()) + fmt::format("{:<16}{:8} kB\n", "Pss:", pss) +
                       kib("Pss_Dirty", seen.private_dirty);
    if (rollup)
        text += kib("Pss_Anon", seen.anon) + kib("Pss_File", seen.file) + kib("Pss_Shmem", seen.shmem);
    text += kib("Shared_Clean", seen.shared) + kib("Shared_Dirty", 0) +
            kib("Private_Clean", seen.private_clean) + kib("Private_Dirty", seen.private_dirty) +
            kib("Referenced", seen.total()) + kib("Anonymous", seen.anon);
    for (const std::string_view none : {"KSM", "LazyFree", "AnonHugePages", "ShmemPmdMapped", "FilePmdMapped",
                                        "Shared_Hugetlb", "Private_Hugetlb", "Swap", "SwapPss", "Locked"})
        text += kib(none, 0);
    return text;
}

std::string flags_of(const Vma& vma)
{
    struct Letter {
        uint32_t flag;
        std::string_view letters;
    };
    constexpr Letter letters[] = {{vma_read, "rd"}, {vma_write, "wr"}, {vma_exec, "ex"}, {vma_shared, "sh"}};
    std::string text = "VmFlags: ";
    for (const Letter& letter : letters)
        if (vma.flags & letter.flag) text += std::string(letter.letters) + " ";
    text += "mr ";
    if (!(vma.flags & vma_shared) || (vma.flags & vma_may_write)) text += "mw ";
    text += "me ";
    if (vma.flags & vma_growsdown) text += "gd ";
    if (vma.flags & vma_account) text += "ac ";
    return text + "\n";
}

/// Where a process's memory was when /proc/PID/mem was opened; none if it is gone.
MmId opened_memory(const Machine& m, FileId file)
{
    const MmId mm{static_cast<uint32_t>(m[file].special)};
    return m.alive(mm) ? mm : MmId{};
}

constexpr std::size_t mem_chunk = 4096;

}  // namespace

// What the program made of its arguments; if it wrote over their end, the name goes on into the
// environment (setproctitle).
ProcText proc_cmdline(const ProcView& view)
{
    const MmId id = view.t().mm;
    if (!id) return std::string();
    const Mm& mm = view.m[id];
    const uint64_t start = mm.arg_start, end = mm.arg_end, env_end = mm.env_end;
    std::string text = read_range(view.m, id, start, end);
    if (text.empty() || text.back() == '\0') return text;
    text = read_range(view.m, id, start, std::max(end, env_end));
    const std::size_t stop = text.find('\0');
    return stop == std::string::npos ? text : text.substr(0, stop + 1);
}

ProcText proc_environ(const ProcView& view)
{
    const MmId id = view.t().mm;
    if (!id) return std::string();
    return read_range(view.m, id, view.m[id].env_start, view.m[id].env_end);
}

ProcText proc_auxv(const ProcView& view)
{
    const MmId id = view.t().mm;
    if (!id) return std::string();
    const Mm& mm = view.m[id];
    return std::string(reinterpret_cast<const char*>(mm.auxv.data()), mm.auxv_words * sizeof(uint64_t));
}

ProcText proc_maps(const ProcView& view)
{
    const MmId id = view.t().mm;
    if (!id) return std::string();
    std::string text;
    each_vma(view.m, id, [&](const Vma& vma) { text += header_of(view, view.m[id], vma); });
    return text;
}

ProcText proc_smaps(const ProcView& view)
{
    const MmId id = view.t().mm;
    if (!id) return std::string();
    std::string text;
    each_vma(view.m, id, [&](const Vma& vma) {
        const Resident seen = resident_in(view.m, view.m[id], vma);
        text += header_of(view, view.m[id], vma) + kib("Size", seen.size) + kib("KernelPageSize", 1) +
                kib("MMUPageSize", 1) + counts_of(seen, false) +
                fmt::format("{:<16}{:8}\n", "THPeligible:", 0) + flags_of(vma);
    });
    return text;
}

ProcText proc_smaps_rollup(const ProcView& view)
{
    const MmId id = view.t().mm;
    Resident sum;
    uint64_t first = 0, last = 0;
    each_vma(view.m, id, [&](const Vma& vma) {
        if (last == 0) first = vma.start;
        last = vma.end;
        sum.add(resident_in(view.m, view.m[id], vma));
    });
    std::string line = fmt::format("{:08x}-{:08x} ---p 00000000 00:00 0 ", first, last);
    line += std::string(name_column - std::min(name_column, line.size()), ' ') + "[rollup]\n";
    return line + counts_of(sum, true);
}

MemoryUse resident_of(const Machine& m, MmId mm)
{
    MemoryUse use;
    each_vma(m, mm, [&](const Vma& vma) {
        const Resident seen = resident_in(m, m[mm], vma);
        use.anon += seen.anon;
        use.file += seen.file;
        use.shmem += seen.shmem;
    });
    return use;
}

Outcome<> proc_mem_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to, const uint64_t* pos)
{
    const MmId mm = opened_memory(m, file);
    if (!mm) return uint64_t{0};
    const uint64_t at = pos ? *pos : m[file].pos;
    IoCursor cursor(to);
    uint64_t done = 0;
    while (cursor.left() > 0) {
        std::array<uint8_t, mem_chunk> bytes;
        const std::size_t part = std::min<uint64_t>(cursor.left(), bytes.size());
        const std::size_t size = read_user(m, mm, at + done, std::span(bytes).first(part));
        if (size == 0) break;
        const std::size_t put = cursor.put(m, self, std::span(bytes).first(size));
        done += put;
        if (put < size) return done > 0 ? Outcome<>(done) : Outcome<>(EFAULT);
    }
    if (done == 0 && cursor.left() > 0) return EIO;
    if (!pos) m.edit(file).pos = at + done;
    return done;
}

namespace {

/// The word of /proc/PID/pagemap for a page.
uint64_t pagemap_word(const Machine& m, MmId mm, uint64_t number, bool with_frames)
{
    constexpr uint64_t present = 1ull << 63, file_or_shared = 1ull << 61, exclusive = 1ull << 56;
    const VmaId found = find_vma(m, mm, number * page);
    if (!found) return 0;
    const Vma& vma = m[found];
    const uint64_t in_file = vma.offset / page + number - vma.start / page;
    const uint32_t files = vma.inode ? tree_get(m, m[vma.inode].pages, in_file) : 0;
    // What is shared is in the object's tree alone.
    const PageId id{vma.flags & vma_shared ? files : tree_get(m, m[mm].page_table, number)};
    if (!id) return 0;
    const bool of_file = files == id.raw;
    uint64_t word = present;
    if (of_file) word |= file_or_shared;
    if (m[id].refs <= (of_file ? 2u : 1u)) word |= exclusive;
    return with_frames ? word | (uint64_t{id.raw} + 1) : word;
}

}  // namespace

Outcome<> proc_pagemap_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to,
                            const uint64_t* pos)
{
    constexpr uint64_t word_size = sizeof(uint64_t);
    const MmId mm = opened_memory(m, file);
    if (!mm) return uint64_t{0};
    const uint64_t at = pos ? *pos : m[file].pos;
    IoCursor cursor(to);
    if (at % word_size || cursor.left() % word_size) return EINVAL;
    const bool with_frames = capable(m, self, cap_sys_admin);
    uint64_t done = 0;
    while (cursor.left() > 0 && (at + done) / word_size < last_address / page) {
        const uint64_t word = pagemap_word(m, mm, (at + done) / word_size, with_frames);
        const auto* bytes = reinterpret_cast<const uint8_t*>(&word);
        const std::size_t put = cursor.put(m, self, {bytes, word_size});
        done += put;
        if (put < word_size) return done > 0 ? Outcome<>(done) : Outcome<>(EFAULT);
    }
    if (!pos) m.edit(file).pos = at + done;
    return done;
}

Outcome<> proc_mem_write(Machine& m, TaskId self, FileId file, std::span<const IoVec> from,
                         const uint64_t* pos)
{
    const MmId mm = opened_memory(m, file);
    if (!mm) return uint64_t{0};
    const uint64_t at = pos ? *pos : m[file].pos;
    IoCursor cursor(from);
    uint64_t done = 0;
    while (cursor.left() > 0) {
        std::array<uint8_t, mem_chunk> bytes;
        const std::size_t part = std::min<uint64_t>(cursor.left(), bytes.size());
        const std::size_t taken = cursor.take(m, self, std::span(bytes).first(part));
        if (taken == 0) return done > 0 ? Outcome<>(done) : Outcome<>(EFAULT);
        const std::size_t put = force_write_user(m, mm, at + done, std::span(bytes).first(taken));
        done += put;
        if (put < taken) break;
    }
    if (done == 0 && cursor.left() > 0) return EIO;
    if (!pos) m.edit(file).pos = at + done;
    return done;
}

}  // namespace norn
