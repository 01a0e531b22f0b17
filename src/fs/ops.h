// How each kind of inode and file does its operations: the seam between the tree (namei, open, read,
// write, poll) and the file systems that generate their contents. `memory`, `fifo`, `anon` and `socket`
// are done here; proc, sys, devices, terminals and the outside's streams each in their own file.
//
//  O1  A generated directory (proc, sys) keeps no tree of names: each look-up makes an inode, and a
//      dentry that lives while somebody holds it. So names that come and go need no invalidation.
//  O2  Directory positions are cookies. `next_entry` gives the first entry with a cookie ≥ the one
//      asked for, so a listing is stable while names come and go. Cookies 0 and 1 are "." and "..",
//      which the caller makes; a file system's own start at 2.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "fs/file.h"
#include "fs/held.h"

namespace norn {

/// One entry of a directory.
struct DirEntry {
    std::string name;
    uint64_t ino = 0;
    uint64_t cookie = 0;  ///< this entry's own
    uint32_t type = 0;    ///< S_IF… bits
};
/// None: the listing is at its end.
using NextEntry = std::optional<DirEntry>;

/// Where to wait for a file's readiness.
struct PollQueues {
    std::array<QueueRef, 2> queue{};
    uint32_t count = 0;
    bool outside_input = false;  ///< input from outside can make it ready
    void add(QueueRef ref) { queue[count++] = ref; }
};

inline QueueRef queue_of(QueueKind kind, uint32_t object)
{
    return QueueRef{kind, {}, object};
}

// ---- Generated file systems ------------------------------------------------------------------------

/// The inode of /proc itself; one reference, the caller's.
[[nodiscard]] InodeId proc_root(Machine& m);
/// A new inode (one reference, the caller's) for a name in a generated directory. ENOENT.
[[nodiscard]] Result<InodeId> proc_lookup(Machine& m, TaskId self, InodeId directory, std::string_view name);
[[nodiscard]] Result<NextEntry> proc_next_entry(Machine& m, TaskId self, InodeId directory, uint64_t cookie);
/// Target of a generated link as text.
[[nodiscard]] Result<std::string> proc_readlink(Machine& m, TaskId self, InodeId link);
/// A link that leads to a place and not to a name (/proc/PID/exe, cwd, root, fd/N): the place, held
/// (`place_of_file` makes one of an open file). None: follow its text.
[[nodiscard]] Result<std::optional<Path>> proc_follow(Machine& m, TaskId self, InodeId link);
/// Beyond the mode bits: may `self` look into another process? (MAY_… bits of namei.h)
[[nodiscard]] Result<> proc_permission(const Machine& m, TaskId self, InodeId inode, uint32_t mask);
[[nodiscard]] Result<> proc_open(Machine& m, TaskId self, FileId file);
[[nodiscard]] Outcome<> proc_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to,
                                  const uint64_t* pos);
[[nodiscard]] Outcome<> proc_write(Machine& m, TaskId self, FileId file, std::span<const IoVec> from,
                                   const uint64_t* pos);

[[nodiscard]] InodeId sys_root(Machine& m);
[[nodiscard]] Result<InodeId> sys_lookup(Machine& m, TaskId self, InodeId directory, std::string_view name);
[[nodiscard]] Result<NextEntry> sys_next_entry(Machine& m, TaskId self, InodeId directory, uint64_t cookie);
[[nodiscard]] Result<std::string> sys_readlink(Machine& m, TaskId self, InodeId link);
[[nodiscard]] Result<> sys_open(Machine& m, TaskId self, FileId file);
[[nodiscard]] Outcome<> sys_read_file(Machine& m, TaskId self, FileId file, std::span<const IoVec> to,
                                      const uint64_t* pos);
[[nodiscard]] Outcome<> sys_write_file(Machine& m, TaskId self, FileId file, std::span<const IoVec> from,
                                       const uint64_t* pos);

// ---- Devices, terminals, the outside ------------------------------------------------------------------

/// Fills /dev (a directory in memory): nodes by `make_node`, links by `make_link`.
void populate_dev(Machine& m, DentryId dev);
/// A device or stream was opened: may set `kind` (tty), refuse (ENXIO for /dev/tty without a terminal).
[[nodiscard]] Result<> device_open(Machine& m, TaskId self, FileId file, uint32_t open_flags);
[[nodiscard]] Outcome<> device_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to);
[[nodiscard]] Outcome<> device_write(Machine& m, TaskId self, FileId file, std::span<const IoVec> from);
[[nodiscard]] Outcome<> tty_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to);
[[nodiscard]] Outcome<> tty_write(Machine& m, TaskId self, FileId file, std::span<const IoVec> from);
[[nodiscard]] Outcome<> ptmx_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to);
[[nodiscard]] Outcome<> ptmx_write(Machine& m, TaskId self, FileId file, std::span<const IoVec> from);
[[nodiscard]] Outcome<> outside_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to);
[[nodiscard]] Outcome<> outside_write(Machine& m, TaskId self, FileId file, std::span<const IoVec> from);
/// Poll events that hold now, for kinds device, tty and outside.
[[nodiscard]] uint32_t special_ready(const Machine& m, FileId file);
void special_queues(const Machine& m, FileId file, PollQueues& queues);
/// ioctl(2) beyond the generic ones, for kinds device, tty and outside. ENOTTY.
[[nodiscard]] Outcome<> special_ioctl(Machine& m, TaskId self, FileId file, uint32_t request,
                                      uint64_t argument);
/// The last reference to a file of kind device, tty, outside, proc or sys goes.
void special_release(Machine& m, FileId file);
/// The last reference to an inode of kind proc, sys, device or outside goes: gives back what it holds.
void special_inode_release(Machine& m, InodeId inode);
/// The page of a device for mapping (/dev/zero). ENODEV.
[[nodiscard]] Result<> special_mmap(const Machine& m, FileId file);

// ---- What they build on -------------------------------------------------------------------------------

/// A new inode with one reference (the caller's), times of now and a number of its own.
[[nodiscard]] InodeId new_inode(Machine& m, FsKind fs, InodeKind kind, uint32_t mode, uint64_t dev);
/// A new file description with one reference; takes over a reference of the inode and of the path.
[[nodiscard]] FileId new_file(Machine& m, FileKind kind, InodeId inode, Path path, uint32_t flags);
/// Where an open file is, held; a nameless place for pipes and their kind.
[[nodiscard]] Path place_of_file(Machine& m, FileId file);
/// A place in no tree, shown as `name`; takes over a reference of the inode.
[[nodiscard]] Path nameless_place(Machine& m, InodeId inode, std::string_view name);
void hold_path(Machine& m, Path path);
void put_path(Machine& m, Path path);

/// In a directory in memory, without asking for permission; the name must be free.
DentryId make_directory(Machine& m, DentryId parent, std::string_view name, uint32_t permissions);
DentryId make_node(Machine& m, DentryId parent, std::string_view name, uint32_t mode, uint64_t rdev);
DentryId make_link(Machine& m, DentryId parent, std::string_view name, std::string_view target);

/// Bytes that a read or write moved before it slept.
[[nodiscard]] uint64_t resumed_bytes(const Machine& m, TaskId self);

/// A buffer of the kernel's own among a list of user buffers (sendfile and its kin).
[[nodiscard]] IoVec kernel_buffer(std::span<const uint8_t> bytes);

/// Copies to or from a list of user buffers, piece by piece.
class IoCursor {
  public:
    IoCursor(std::span<const IoVec> vectors, uint64_t skip = 0);
    [[nodiscard]] uint64_t left() const { return left_; }
    /// Bytes copied; fewer than given when the buffers end or an address is bad.
    std::size_t put(Machine& m, TaskId self, std::span<const uint8_t> bytes);
    std::size_t take(Machine& m, TaskId self, std::span<uint8_t> bytes);
    void skip(uint64_t bytes);
    /// At most this many bytes from here on.
    void limit(uint64_t bytes);

  private:
    template <class Copy>
    std::size_t walk(std::size_t size, Copy&& copy);
    std::span<const IoVec> vectors_;
    uint64_t offset_ = 0;  ///< in the first of `vectors_`
    uint64_t left_ = 0;
};

/// read(2) of contents that were made as a string, of which `rest` starts at the file's position (or at
/// `*pos`): copies from it; the position moves on.
[[nodiscard]] Result<uint64_t> read_string(Machine& m, TaskId self, FileId file, std::string_view rest,
                                           std::span<const IoVec> to, const uint64_t* pos);

}  // namespace norn
