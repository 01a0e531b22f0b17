// What a process has open: /proc/PID/fd, fdinfo, exe, cwd, root, and the mounts it sees.
#include <fmt/format.h>

#include <algorithm>

#include "fs/dentry.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/namei.h"
#include "fs/proc.h"
#include "kernel/task.h"
#include "kernel/timer.h"
#include "mm/radix.h"

namespace norn {

namespace {

FileId file_at(const ProcView& view)
{
    return FileId{tree_get(view.m, view.m[view.t().files].table, view.number)};
}

Result<FileId> open_file(const ProcView& view)
{
    if (!view.t().files) return ENOENT;
    const FileId file = file_at(view);
    if (!file) return ENOENT;
    return file;
}

/// Paths are shown as the reader's own root sees them.
TaskId seen_by(const ProcView& view)
{
    return view.reader ? view.reader : view.task;
}

Result<Path> held(Machine& m, Path path)
{
    hold_path(m, path);
    return path;
}

Result<Path> fs_path(const ProcView& view, Path Fs::*which)
{
    if (!view.t().fs) return ENOENT;
    return view.m[view.t().fs].*which;
}

ProcText fs_path_text(const ProcView& view, Path Fs::*which)
{
    return path_string(view.m, seen_by(view), TRY(fs_path(view, which)));
}

Result<FileId> executable(const ProcView& view)
{
    const MmId mm = view.t().mm;
    if (!mm || !view.m[mm].exe) return ENOENT;
    return view.m[mm].exe;
}

std::string kind_lines(const ProcView& view, FileId id)
{
    const Machine& m = view.m;
    const File& file = m[id];
    switch (file.kind) {
        case FileKind::eventfd:
            return fmt::format("eventfd-count: {:16x}\neventfd-id: {}\neventfd-semaphore: {}\n", file.value,
                               m[file.inode].ino, file.special ? 1 : 0);
        case FileKind::signalfd:
            return fmt::format("sigmask:\t{:016x}\n", file.value);
        case FileKind::pidfd: {
            const bool there = m[file.pid].task != TaskId{};
            const int64_t number = there ? static_cast<int64_t>(m[file.pid].number) : -1;
            return fmt::format("Pid:\t{}\nNSpid:\t{}\n", number, number);
        }
        default:
            return {};
    }
}

struct FsName {
    std::string_view type, options;
};

FsName fs_name(FsKind fs)
{
    switch (fs) {
        case FsKind::overlay:
            return {"overlay", "rw"};
        case FsKind::tmpfs:
            return {"tmpfs", "rw"};
        case FsKind::proc:
            return {"proc", "rw"};
        case FsKind::sysfs:
            return {"sysfs", "rw"};
        case FsKind::devtmpfs:
            return {"devtmpfs", "rw,mode=755"};
        case FsKind::devpts:
            return {"devpts", "rw,mode=600,ptmxmode=000"};
        default:
            return {"none", "rw"};
    }
}

/// Blanks and backslashes of a path would break the fields.
std::string field(const std::string& path)
{
    std::string text;
    for (const char byte : path) {
        if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\\' || byte == '#')
            text += fmt::format("\\{:03o}", static_cast<unsigned char>(byte));
        else
            text += byte;
    }
    return text;
}

Path place_of_mount(const Mount& mount, MountId id)
{
    if (mount.mountpoint) return {mount.parent, mount.mountpoint};
    return {id, mount.root};
}

/// Calls `f` with each mount and its place as the task sees it.
template <class F>
void each_mount(const ProcView& view, F&& f)
{
    const Machine& m = view.m;
    for (MountId id = m.state.first_mount; id; id = m[id].next) {
        const std::string place =
            m[id].mountpoint ? path_string(m, view.task, place_of_mount(m[id], id)) : std::string("/");
        f(m[id], field(place));
    }
}

}  // namespace

ProcText proc_fd_text(const ProcView& view)
{
    return file_path_string(view.m, seen_by(view), TRY(open_file(view)));
}

Result<Path> proc_fd_follow(const ProcView& view)
{
    return place_of_file(view.m, TRY(open_file(view)));
}

ProcText proc_fdinfo(const ProcView& view)
{
    const Machine& m = view.m;
    const FileId id = TRY(open_file(view));
    const File& file = m[id];
    const bool cloexec = tree_mark(m, m[view.t().files].table, view.number);
    const uint32_t flags = file.flags | (cloexec ? uint32_t{o_cloexec} : 0);
    return fmt::format("pos:\t{}\nflags:\t0{:o}\nmnt_id:\t{}\nino:\t{}\n", file.pos, flags,
                       file.path.mount ? m[file.path.mount].number : 0, m[file.inode].ino) +
           kind_lines(view, id);
}

ProcText proc_exe_text(const ProcView& view)
{
    return file_path_string(view.m, seen_by(view), TRY(executable(view)));
}

Result<Path> proc_exe_follow(const ProcView& view)
{
    return place_of_file(view.m, TRY(executable(view)));
}

ProcText proc_cwd_text(const ProcView& view)
{
    return fs_path_text(view, &Fs::cwd);
}

Result<Path> proc_cwd_follow(const ProcView& view)
{
    return held(view.m, TRY(fs_path(view, &Fs::cwd)));
}

ProcText proc_root_text(const ProcView& view)
{
    return fs_path_text(view, &Fs::root);
}

Result<Path> proc_root_follow(const ProcView& view)
{
    return held(view.m, TRY(fs_path(view, &Fs::root)));
}

ProcText proc_mounts(const ProcView& view)
{
    std::string text;
    each_mount(view, [&](const Mount& mount, const std::string& place) {
        const FsName fs = fs_name(mount.fs);
        const std::string options(fs.options.substr(2));
        text += fmt::format("{} {} {} rw,relatime{} 0 0\n", field(text_of(view.m, mount.source)), place,
                            fs.type, options);
    });
    return text;
}

ProcText proc_mountinfo(const ProcView& view)
{
    const Machine& m = view.m;
    std::string text;
    each_mount(view, [&](const Mount& mount, const std::string& place) {
        const FsName fs = fs_name(mount.fs);
        const uint64_t dev = m[m[mount.root].inode].dev;
        text += fmt::format("{} {} {}:{} / {} rw,relatime - {} {} {}\n", mount.number,
                            mount.parent ? m[mount.parent].number : 0, dev_major(dev), dev_minor(dev), place,
                            fs.type, field(text_of(m, mount.source)), fs.options);
    });
    return text;
}

ProcText proc_locks(const ProcView& view)
{
    const Machine& m = view.m;
    std::string text;
    uint32_t number = 0;
    m.pool<FileLock>().each([&](FileLockId, const FileLock& lock) {
        const Inode& inode = m[lock.inode];
        const std::string end = lock.end > INT64_MAX ? "EOF" : std::to_string(lock.end - 1);
        text += fmt::format("{}: {}  ADVISORY  {} {} {:02x}:{:02x}:{} {} {}\n", ++number,
                            lock.ofd     ? "OFDLCK"
                            : lock.posix ? "POSIX"
                                         : "FLOCK",
                            lock.exclusive ? "WRITE" : "READ", lock.ofd ? -1 : static_cast<int64_t>(lock.pid),
                            dev_major(inode.dev), dev_minor(inode.dev), inode.ino, lock.start, end);
    });
    return text;
}

}  // namespace norn
