// Files: the records.
//
//  F1  An inode lives while a dentry, an open file, a mapping or a mount names it (`refs`).
//  F2  A dentry is on its parent's tree of names (left/right, by name) and list of children, unless it
//      is unhashed (removed). The tree of names is authoritative, as in ramfs; below it a directory
//      that came from the host is looked up there the first time a name is asked for.
//  F3  A file's `refs` counts descriptor-table leaf entries, mappings and system calls that keep it.
#pragma once

#include <array>
#include <cstdint>

#include "norn/fields.h"
#include "norn/sleep.h"

namespace norn {

/// 56 bytes of a string; longer ones go on in `next`.
struct Text {
    TextId next;
    uint32_t size = 0;  ///< of the whole string from here
    std::array<char, 56> bytes{};
    NORN_FIELDS(next, size, bytes)
};

enum class FsKind : uint8_t { overlay, tmpfs, proc, sysfs, devtmpfs, devpts, pipefs, anon, sockfs };

/// What an inode is, beyond its mode: how its operations are done.
enum class InodeKind : uint8_t {
    memory,   ///< directory, file or link whose contents are in the machine (and the host's below)
    fifo,     ///< FIFO or pipe
    device,   ///< by rdev
    proc,     ///< generated; `special` says which entry
    sys,      ///< generated; `special` says which entry
    anon,     ///< eventfd, epoll, signalfd, timerfd, pidfd
    outside,  ///< one of the three standard streams of the outside
    socket,
};

struct Inode {
    uint64_t ino = 0;
    uint64_t size = 0;
    int64_t atime_ns = 0, mtime_ns = 0, ctime_ns = 0, btime_ns = 0;
    uint64_t dev = 0, rdev = 0;
    uint64_t blocks = 0;          ///< 512-byte units, of the host's file or computed
    uint64_t host_size = 0;       ///< bytes that still come from the host's file where no page is
    uint64_t child_sequence = 0;  ///< directories: cookie of the next new name
    uint64_t special = 0;         ///< proc, sys: which; outside: stream; sockets: type; O_TMPFILE: linkable
    uint32_t mode = 0;            ///< type and permissions
    uint32_t uid = 0, gid = 0;
    uint32_t nlink = 0;
    uint32_t refs = 0;
    uint32_t seals = 0;   ///< memfd
    int32_t writers = 0;  ///< open for writing; below 0: being executed (ETXTBSY)
    NodeId pages;         ///< contents, by page number
    TextId host_path;     ///< where it comes from; none: made here
    TextId link;          ///< symbolic link's target
    PipeId pipe;
    TtyId tty;
    PidId pid;            ///< proc: whose
    FileLockId locks;     ///< first lock, flock and POSIX
    WaitQueue lock_wait;  ///< QueueKind::file_lock
    FsKind fs = FsKind::overlay;
    InodeKind kind = InodeKind::memory;
    uint8_t host_listed = 0;  ///< directories: 0 made here, 1 the host's names count as well
    uint8_t changed = 0;      ///< differs from the host's (for `norn diff`)
    InodeId peer;             ///< sockets: the other end of a pair
    uint32_t mappings = 0;    ///< Vma records that name it
    uint32_t send_buffer = 0, receive_buffer = 0;  ///< sockets: SO_SNDBUF, SO_RCVBUF
    uint32_t unused = 0;
    uint64_t send_timeout_ns = 0, receive_timeout_ns = 0;  ///< sockets: SO_SNDTIMEO, SO_RCVTIMEO; 0: none
    NORN_FIELDS(ino, size, atime_ns, mtime_ns, ctime_ns, btime_ns, dev, rdev, blocks, host_size,
                child_sequence, special, mode, uid, gid, nlink, refs, seals, writers, pages, host_path, link,
                pipe, tty, pid, locks, lock_wait, fs, kind, host_listed, changed, peer, mappings, send_buffer,
                receive_buffer, unused, send_timeout_ns, receive_timeout_ns)
};

enum DentryFlag : uint32_t {
    dentry_removed = 1,    ///< unlinked while in use: paths end in " (deleted)"
    dentry_whiteout = 2,   ///< hides the host's name; has no inode
    dentry_from_host = 4,  ///< the host's listing has this name
    dentry_mounted = 8,    ///< a mount covers it
    dentry_hashed = 16,    ///< in its parent's tree of names
};

struct Dentry {
    InodeId inode;
    DentryId parent;               ///< itself for a root
    DentryId left, right;          ///< in the parent's tree of names
    DentryId children;             ///< root of our tree of names
    DentryId first_new, last_new;  ///< names made here, by cookie
    DentryId next_new, prev_new;
    TextId name;
    uint32_t refs = 0;  ///< open files, cwds, mounts and instantiated children
    uint32_t flags = 0;
    uint32_t height = 1;
    uint32_t unused = 0;
    uint64_t cookie = 0;  ///< position in a listing
    NORN_FIELDS(inode, parent, left, right, children, first_new, last_new, next_new, prev_new, name, refs,
                flags, height, unused, cookie)
};

struct Mount {
    DentryId root;        ///< of the mounted tree
    DentryId mountpoint;  ///< in the parent; none for the root mount
    MountId parent, next;
    uint32_t number = 0;  ///< as mountinfo shows it
    uint32_t flags = 0;   ///< MS_RDONLY …
    TextId source;
    FsKind fs = FsKind::overlay;
    std::array<uint8_t, 3> unused{};
    NORN_FIELDS(root, mountpoint, parent, next, number, flags, source, fs, unused)
};

/// A place in the tree (struct path).
struct Path {
    MountId mount;
    DentryId dentry;
    NORN_FIELDS(mount, dentry)
    friend bool operator==(const Path&, const Path&) = default;
};

enum class FileKind : uint8_t {
    regular,
    directory,
    pipe,
    device,
    proc,
    sys,
    eventfd,
    signalfd,
    timerfd,
    pidfd,
    epoll,
    outside,
    tty,
    ptmx,  ///< a pseudo-terminal's master side
    socket,
    path,  ///< O_PATH
};

struct File {
    uint64_t pos = 0;
    /// eventfd: counter; signalfd: mask; timerfd: expirations; proc, sys: where `generated` starts
    uint64_t value = 0;
    uint64_t special = 0;  ///< outside: stream; proc: entry; eventfd: semaphore
    InodeId inode;
    Path path;
    uint32_t flags = 0;  ///< O_ACCMODE and status flags, as F_GETFL gives them
    uint32_t refs = 0;
    PipeId pipe;
    TtyId tty;
    PidId pid;                            ///< pidfd
    TimerId timer;                        ///< timerfd
    EpollItemId watched;                  ///< epoll: its items; others: none
    EpollItemId ready_first, ready_last;  ///< epoll
    EpollItemId watchers;                 ///< items of epolls that watch this file
    WaitQueue wait;                       ///< QueueKind::event
    TextId generated;                     ///< proc, sys: what is left to read of what the first read made
    FileLockId flock;                     ///< the flock(2) lock held through this description
    PidId owner;                          ///< F_SETOWN
    int32_t owner_signal = 0;             ///< F_SETSIG
    uint32_t owner_uid = 0;               ///< effective, of who called F_SETOWN
    int32_t async_fd = 0;                 ///< O_ASYNC: the descriptor it was set through
    FileKind kind = FileKind::regular;
    uint8_t clock = 0;         ///< timerfd
    uint8_t denies_write = 0;  ///< opened to be executed: writing it is ETXTBSY
    uint8_t owner_type = 0;    ///< F_OWNER_…
    NORN_FIELDS(pos, value, special, inode, path, flags, refs, pipe, tty, pid, timer, watched, ready_first,
                ready_last, watchers, wait, generated, flock, owner, owner_signal, owner_uid, async_fd, kind,
                clock, denies_write, owner_type)
};

/// A descriptor table: a radix tree from number to File, marks are close-on-exec.
struct Files {
    NodeId table;
    uint32_t refs = 0;     ///< tasks
    uint32_t next_fd = 0;  ///< no lower number is free
    uint32_t open = 0;
    uint32_t highest = 0;      ///< one past the highest number in use ever
    uint32_t posix_locks = 0;  ///< record locks that name this table as their owner
    NORN_FIELDS(table, refs, next_fd, open, highest, posix_locks)
};

struct Fs {
    Path root, cwd;
    uint32_t umask = 022;
    uint32_t refs = 0;
    NORN_FIELDS(root, cwd, umask, refs)
};

/// A pipe or an open FIFO (pipe(7)): a ring of pages. `head` and `tail` count buffers since ever.
/// Why a pipe's buffer is not added to.
enum PipeBufferFlag : uint32_t {
    buffer_packet = 1,   ///< O_DIRECT: a packet of its own
    buffer_of_file = 2,  ///< a file's page (splice)
    buffer_more = 4,     ///< the packet goes on in the next buffer
};

struct PipeBuffer {
    PageId page;
    uint16_t offset = 0, length = 0;
    uint32_t apart = 0;  ///< PipeBufferFlag
    NORN_FIELDS(page, offset, length, apart)
};

/// Sixteen more buffers, of a pipe that F_SETPIPE_SZ made larger.
struct PipeRing {
    std::array<PipeBuffer, 16> ring{};
    PipeRingId next;
    NORN_FIELDS(ring, next)
};

struct Pipe {
    std::array<PipeBuffer, 16> ring{};  ///< the first 16 buffers
    PipeRingId more;                    ///< those beyond
    uint32_t head = 0, tail = 0;
    uint32_t capacity = 16;  ///< buffers; a power of two
    uint32_t readers = 0, writers = 0;
    uint32_t r_counter = 1, w_counter = 1;  ///< opens so far, for FIFO open
    uint32_t refs = 0;                      ///< open descriptions
    WaitQueue read_wait, write_wait, open_wait;
    NORN_FIELDS(ring, more, head, tail, capacity, readers, writers, r_counter, w_counter, refs, read_wait,
                write_wait, open_wait)
};

/// A flock(2) or fcntl(2) record lock on an inode, in order of start.
struct FileLock {
    uint64_t start = 0, end = 0;  ///< [start, end); flock: whole file
    InodeId inode;
    FilesId owner;  ///< POSIX: the table
    FileId file;    ///< flock and OFD: the description
    FileLockId next;
    uint32_t pid = 0;
    uint8_t exclusive = 0, posix = 0, ofd = 0;
    uint8_t waiting = 0;  ///< asked for, on no list: what deadlocks are found by
    NORN_FIELDS(start, end, inode, owner, file, next, pid, exclusive, posix, ofd, waiting)
};

struct EpollItem {
    uint64_t data = 0;
    FileId epoll, target;
    uint32_t fd = 0;
    uint32_t events = 0;
    EpollItemId next_ready, prev_ready;          ///< ready, of the epoll
    EpollItemId next_of_epoll, prev_of_epoll;    ///< watched by the epoll
    EpollItemId next_of_target, prev_of_target;  ///< watchers of the target
    WaitId waits;
    uint32_t ready = 0;
    NORN_FIELDS(data, epoll, target, fd, events, next_ready, prev_ready, next_of_epoll, prev_of_epoll,
                next_of_target, prev_of_target, waits, ready)
};

/// A terminal and its line discipline (termios(3)).
struct Tty {
    std::array<uint8_t, 4096> input{};     ///< ring of what was typed and not read yet
    std::array<uint64_t, 64> line_ends{};  ///< a bit per byte of `input`: it ends a line
    uint32_t head = 0, tail = 0;           ///< bytes put in and read since ever
    uint32_t canon_head = 0;               ///< what is before it is whole lines (ICANON)
    uint32_t column = 0;                   ///< of the cursor, as far as output tells
    uint32_t canon_column = 0;             ///< where the line being typed began
    uint32_t flags = 0;                    ///< TtyFlag
    uint32_t iflag = 0, oflag = 0, cflag = 0, lflag = 0;
    std::array<uint8_t, 32> cc{};
    uint32_t ispeed = 0, ospeed = 0;
    uint16_t rows = 24, columns = 80, xpixel = 0, ypixel = 0;
    PidId foreground, session;  ///< held
    WaitQueue wait;             ///< QueueKind::tty
    uint32_t refs = 0;          ///< open files, and the machine for its console
    uint32_t stream = 0;        ///< outside terminal: 1 + the standard stream to write to
    PipeId output;              ///< pseudo-terminal: what its master has not read yet; else none
    DentryId node;              ///< pseudo-terminal: its name in /dev/pts, held while the master is open
    uint32_t number = 0;        ///< in /dev/pts
    uint32_t slaves = 0;        ///< pseudo-terminal: open files of the terminal's own side
    NORN_FIELDS(input, line_ends, head, tail, canon_head, column, canon_column, flags, iflag, oflag, cflag,
                lflag, cc, ispeed, ospeed, rows, columns, xpixel, ypixel, foreground, session, wait, refs,
                stream, output, node, number, slaves)
};

}  // namespace norn
