// Open files: what the system calls on descriptors are made of. Each kind of file has its own source
// file; this is the switchboard.
#pragma once

#include <span>

#include "mm/usercopy.h"
#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

/// Poll events (poll(2)).
enum PollEvent : uint32_t {
    poll_in = 1,
    poll_pri = 2,
    poll_out = 4,
    poll_err = 8,
    poll_hup = 16,
    poll_nval = 32,
    poll_rdnorm = 64,
    poll_rdband = 128,
    poll_wrnorm = 256,
    poll_wrband = 512,
    poll_rdhup = 0x2000,
};

/// The file at a descriptor of `self`. EBADF (also for O_PATH unless `path_too`).
[[nodiscard]] Result<FileId> fget(const Machine& m, TaskId self, int fd, bool path_too = false);
/// The lowest free descriptor ≥ `from`. EMFILE.
[[nodiscard]] Result<uint32_t> free_fd(const Machine& m, TaskId self, uint32_t from);
/// That descriptor now names `file`; takes over one reference. EMFILE.
[[nodiscard]] Result<int> install_fd(Machine& m, TaskId self, FileId file, uint32_t from, bool cloexec);
/// `fd` names `file` from now on, whatever it named before; takes over one reference. EBADF.
[[nodiscard]] Result<> replace_fd(Machine& m, TaskId self, FileId file, int fd, bool cloexec);
[[nodiscard]] Result<> close_fd(Machine& m, TaskId self, int fd);
/// Closes the descriptors in [first, last], or marks them close-on-exec.
void close_fds(Machine& m, FilesId files, uint32_t first, uint32_t last, bool mark_only);

[[nodiscard]] FilesId copy_files(Machine& m, FilesId from);
void put_files(Machine& m, FilesId files);
void close_on_exec(Machine& m, FilesId files);
/// FD_CLOEXEC of a descriptor that is open.
void set_cloexec(Machine& m, TaskId self, int fd, bool on);
[[nodiscard]] FsId copy_fs(Machine& m, FsId from);
void put_fs(Machine& m, FsId fs);

void hold_file(Machine& m, FileId file);
/// The last reference closes: locks, pipe ends, epoll items, the inode go with it.
void put_file(Machine& m, FileId file);

/// read(2) and its kin into / from a guest's buffers, at `*pos` if given (pread), else at the file's own
/// position. Checks the access mode first (EBADF).
[[nodiscard]] Outcome<> file_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to,
                                  const uint64_t* pos);
[[nodiscard]] Outcome<> file_write(Machine& m, TaskId self, FileId file, std::span<const IoVec> from,
                                   const uint64_t* pos);
/// What a read or write came to, with the file held while it sleeps (another thread may close it) and
/// let go when a call that slept is over. `file_of_call` is the file at `fd`, or the one that is held.
[[nodiscard]] Outcome<> sleep_holding(Machine& m, TaskId self, FileId file, const Outcome<>& moved);
[[nodiscard]] Result<FileId> file_of_call(const Machine& m, TaskId self, int fd);
/// SIGPIPE or SIGXFSZ, for what the task did itself.
void signal_self(Machine& m, TaskId self, int signo);

/// For the kernel itself: opens a program by path as `self` would for execve (EACCES, ENOENT …). The
/// caller holds the reference.
[[nodiscard]] Result<FileId> open_exec(Machine& m, TaskId self, int dirfd, const std::string& path,
                                       int flags);
/// Bytes of a regular file; less at its end.
[[nodiscard]] Result<std::size_t> read_inode(Machine& m, InodeId inode, uint64_t offset,
                                             std::span<uint8_t> to);
/// The page of a regular file's contents for mapping: read in if it is not there. With `for_write` the
/// page is in the file's tree as its own (not a hole). EIO; ENOENT past the end (SIGBUS).
[[nodiscard]] Result<PageId> inode_page(Machine& m, InodeId inode, uint64_t page_number, bool for_write);
void hold_inode(Machine& m, InodeId inode);
void put_inode(Machine& m, InodeId inode);

/// Absolute path of a place as `self` sees it ("/usr/bin/env", "… (deleted)").
[[nodiscard]] std::string path_string(const Machine& m, TaskId self, Path path);

/// The same for an open file; "pipe:[7]" and its like for files without a place.
[[nodiscard]] std::string file_path_string(const Machine& m, TaskId self, FileId file);
/// Was it opened for reading, for writing?
[[nodiscard]] bool readable(const Machine& m, FileId file);
[[nodiscard]] bool writable(const Machine& m, FileId file);
/// Has the file a position that lseek and pread may choose?
[[nodiscard]] bool file_seekable(const Machine& m, FileId file);

/// Builds the initial tree: overlay root over m.root, /proc, /sys, /dev, /dev/shm, the console and the
/// three standard streams' inodes.
void mount_initial(Machine& m);

// Strings in the machine.
[[nodiscard]] TextId new_text(Machine& m, std::string_view text);
[[nodiscard]] std::string text_of(const Machine& m, TextId text);
[[nodiscard]] bool text_is(const Machine& m, TextId text, std::string_view other);
[[nodiscard]] int compare_text(const Machine& m, TextId text, std::string_view other);
void free_text(Machine& m, TextId text);
/// At most `size` bytes from `start` on.
[[nodiscard]] std::string text_part(const Machine& m, TextId text, uint64_t start, uint64_t size);
/// What is left of a longer text, from its byte `start` on.
struct GeneratedText {
    TextId text;
    uint64_t start = 0;
};
/// Gives back what is before `at`, but for less than a piece, and for the last piece.
[[nodiscard]] GeneratedText skip_text(Machine& m, GeneratedText rest, uint64_t at);

}  // namespace norn
