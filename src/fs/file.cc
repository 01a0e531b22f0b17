// Open file descriptions: making, releasing, and the switchboard of reads and writes.
#include "fs/file.h"

#include <algorithm>

#include "fs/abi.h"
#include "fs/eventfd.h"
#include "fs/eventpoll.h"
#include "fs/fasync.h"
#include "fs/inode.h"
#include "fs/locks.h"
#include "fs/outside.h"
#include "fs/pipe.h"
#include "fs/poll.h"
#include "fs/socket.h"
#include "kernel/pid.h"
#include "kernel/signal.h"
#include "kernel/task.h"

namespace norn {

namespace {

// What a description holds beyond its inode and path.
void release_kind(Machine& m, FileId file)
{
    switch (m[file].kind) {
        case FileKind::pipe:
            return pipe_release(m, file);
        case FileKind::epoll:
            return epoll_release(m, file);
        case FileKind::socket:
            return socket_release(m, file);
        case FileKind::eventfd:
        case FileKind::signalfd:
        case FileKind::timerfd:
        case FileKind::pidfd:
            return event_release(m, file);
        case FileKind::device:
        case FileKind::tty:
        case FileKind::ptmx:
        case FileKind::outside:
        case FileKind::proc:
        case FileKind::sys:
            return special_release(m, file);
        case FileKind::regular:
        case FileKind::directory:
        case FileKind::path:
            return;
    }
}

void release_write_access(Machine& m, FileId file)
{
    const File& closed = m[file];
    if (closed.kind != FileKind::regular) return;
    if (closed.denies_write)
        m.edit(closed.inode).writers++;
    else if ((closed.flags & o_accmode) != o_rdonly)
        m.edit(closed.inode).writers--;
}

// RLIMIT_FSIZE and the largest offset: how many of `count` bytes may be written at `at`. EFBIG.
Result<uint64_t> writable_bytes(Machine& m, TaskId self, InodeId inode, uint64_t at, uint64_t count)
{
    const uint64_t limit = rlimit(m, self, rlimit_fsize).soft;
    if (at >= limit) {
        signal_self(m, self, SIGXFSZ_);
        return EFBIG;
    }
    const uint64_t largest = max_file_size(m, inode);
    if (at >= largest) return EFBIG;
    return std::min({count, limit - at, largest - at});
}

Outcome<> read_regular(Machine& m, TaskId self, FileId file, std::span<const IoVec> to, const uint64_t* pos)
{
    const InodeId inode = m[file].inode;
    const uint64_t at = pos ? *pos : m[file].pos;
    IoCursor cursor(to);
    const uint64_t done = TRY(read_pages(m, self, inode, at, cursor));
    if (!pos) m.edit(file).pos = at + done;
    if (done > 0 && !(m[file].flags & o_noatime)) touch_atime_of(m, inode);
    return done;
}

Outcome<> write_regular(Machine& m, TaskId self, FileId file, std::span<const IoVec> from,
                        const uint64_t* pos)
{
    const InodeId inode = m[file].inode;
    const uint64_t size = m[inode].size;
    const uint64_t at = m[file].flags & o_append ? size : pos ? *pos : m[file].pos;
    IoCursor cursor(from);
    if (cursor.left() == 0) return uint64_t{0};
    const uint64_t allowed = TRY(writable_bytes(m, self, inode, at, cursor.left()));
    if (m[inode].seals & (seal_write | seal_future_write)) return EPERM;
    if ((m[inode].seals & seal_grow) && at + allowed > size) return EPERM;
    cursor.limit(allowed);
    const uint64_t done = TRY(write_pages(m, self, inode, at, cursor));
    if (!pos) m.edit(file).pos = at + done;
    return done;
}

}  // namespace

void signal_self(Machine& m, TaskId self, int signo)
{
    SigInfo info;
    info.signo = signo;
    info.pid = tgid_nr(m, self);
    info.uid = m[m[self].cred].uid;
    // Only real-time signals can be refused.
    static_cast<void>(send_signal_task(m, self, info));
}

FileId new_file(Machine& m, FileKind kind, InodeId inode, Path path, uint32_t flags)
{
    const FileId id = m.allocate<File>();
    File& file = m.edit(id);
    file.kind = kind;
    file.inode = inode;
    file.path = path;
    file.flags = flags;
    file.refs = 1;
    return id;
}

void hold_file(Machine& m, FileId file)
{
    m.edit(file).refs++;
}

void put_file(Machine& m, FileId file)
{
    if (--m.edit(file).refs > 0) return;
    epoll_forget_target(m, file);
    set_async(m, file, false, 0);
    if (m[file].inode) release_file_locks(m, file);
    release_write_access(m, file);
    release_kind(m, file);
    const File gone = m[file];
    free_text(m, gone.generated);
    if (gone.owner) put_pid(m, gone.owner);
    m.free(file);
    put_path(m, gone.path);
    if (gone.inode) put_inode(m, gone.inode);
}

Outcome<> file_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to, const uint64_t* pos)
{
    const File& opened = m[file];
    if (opened.kind == FileKind::path || (opened.flags & o_accmode) == o_wronly) return EBADF;
    switch (opened.kind) {
        case FileKind::regular:
            return read_regular(m, self, file, to, pos);
        case FileKind::directory:
            return EISDIR;
        case FileKind::pipe:
            return pipe_read(m, self, file, to);
        case FileKind::device:
            return device_read(m, self, file, to);
        case FileKind::tty:
            return tty_read(m, self, file, to);
        case FileKind::ptmx:
            return ptmx_read(m, self, file, to);
        case FileKind::outside:
            return pos ? outside_read_at(m, self, file, to, *pos) : outside_read(m, self, file, to);
        case FileKind::proc:
            return proc_read(m, self, file, to, pos);
        case FileKind::sys:
            return sys_read_file(m, self, file, to, pos);
        case FileKind::eventfd:
            return eventfd_read(m, self, file, to);
        case FileKind::timerfd:
            return timerfd_read(m, self, file, to);
        case FileKind::signalfd:
            return signalfd_read(m, self, file, to);
        case FileKind::socket:
            return socket_read(m, self, file, to);
        case FileKind::pidfd:
        case FileKind::epoll:
        case FileKind::path:
            break;
    }
    return EINVAL;
}

Outcome<> file_write(Machine& m, TaskId self, FileId file, std::span<const IoVec> from, const uint64_t* pos)
{
    const File& opened = m[file];
    if (opened.kind == FileKind::path || (opened.flags & o_accmode) == o_rdonly) return EBADF;
    switch (opened.kind) {
        case FileKind::regular:
            return write_regular(m, self, file, from, pos);
        case FileKind::directory:
            return EISDIR;
        case FileKind::pipe:
            return pipe_write(m, self, file, from);
        case FileKind::device:
            return device_write(m, self, file, from);
        case FileKind::tty:
            return tty_write(m, self, file, from);
        case FileKind::ptmx:
            return ptmx_write(m, self, file, from);
        case FileKind::outside:
            return outside_write(m, self, file, from);
        case FileKind::proc:
            return proc_write(m, self, file, from, pos);
        case FileKind::sys:
            return sys_write_file(m, self, file, from, pos);
        case FileKind::eventfd:
            return eventfd_write(m, self, file, from);
        case FileKind::socket:
            return socket_write(m, self, file, from);
        case FileKind::timerfd:
        case FileKind::signalfd:
        case FileKind::pidfd:
        case FileKind::epoll:
        case FileKind::path:
            break;
    }
    return EINVAL;
}

bool readable(const Machine& m, FileId file)
{
    return (m[file].flags & o_accmode) != o_wronly;
}

bool writable(const Machine& m, FileId file)
{
    return (m[file].flags & o_accmode) != o_rdonly;
}

bool file_seekable(const Machine& m, FileId file)
{
    const FileKind kind = m[file].kind;
    return kind == FileKind::regular || kind == FileKind::directory || kind == FileKind::proc ||
           kind == FileKind::sys || kind == FileKind::device;
}

}  // namespace norn
