// Moving bytes between files inside the kernel: sendfile(2), copy_file_range(2), splice(2), tee(2),
// vmsplice(2). None of them sleeps once it has moved something: it returns how much.
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "fs/abi.h"
#include "fs/inode.h"
#include "fs/pipe.h"
#include "fs/syscalls.h"
#include "kernel/signal.h"
#include "kernel/wait_queue.h"

namespace norn {

namespace {

constexpr std::size_t chunk_bytes = 65536;
constexpr uint32_t splice_f_nonblock = 2;
constexpr uint32_t known_splice_flags = 15;

/// A position that the caller keeps in memory, or the file's own.
class Position {
  public:
    Position(Machine& m, TaskId self, FileId file, UserPtr<int64_t> at)
        : m_(m), self_(self), file_(file), at_(at)
    {
    }
    Result<uint64_t> get()
    {
        if (!at_) return m_[file_].pos;
        const int64_t pos = TRY(get_user(m_, self_, at_));
        if (pos < 0) return EINVAL;
        return static_cast<uint64_t>(pos);
    }
    Result<> set(uint64_t pos)
    {
        if (at_) return put_user(m_, self_, at_, static_cast<int64_t>(pos));
        m_.edit(file_).pos = pos;
        return {};
    }

  private:
    Machine& m_;
    TaskId self_;
    FileId file_;
    UserPtr<int64_t> at_;
};

bool is_pipe(const Machine& m, FileId file)
{
    return m[file].kind == FileKind::pipe;
}

/// Is it a regular file to programs, whatever makes its contents?
bool has_contents(const Machine& m, FileId file)
{
    return m[file].inode && type_of(m[m[file].inode].mode) == s_ifreg;
}

Outcome<> wait_at_pipe(const Machine& m, TaskId self, PipeId pipe, bool for_room, bool nonblock)
{
    if (nonblock) return EAGAIN;
    if (signal_pending(m, self)) return ERESTARTSYS;
    return pipe_sleep(pipe, for_room);
}

Outcome<> wait_for_pipe(const Machine& m, TaskId self, FileId pipe, bool for_room, bool nonblock)
{
    return wait_at_pipe(m, self, m[pipe].pipe, for_room, nonblock || (m[pipe].flags & o_nonblock));
}

Outcome<> broken_pipe(Machine& m, TaskId self)
{
    signal_self(m, self, SIGPIPE_);
    return EPIPE;
}

// How much a write to `out` takes without sleeping; a reader that is gone is for the write to tell.
std::size_t room_in(const Machine& m, FileId out)
{
    if (!is_pipe(m, out) || m[m[out].pipe].readers == 0) return chunk_bytes;
    return std::min<uint64_t>(chunk_bytes, pipe_room(m, m[out].pipe));
}

// From a regular file's contents at `from` to a file, until something stops it.
Outcome<> copy_contents(Machine& m, TaskId self, InodeId in, uint64_t from, FileId out,
                        std::optional<uint64_t> at, uint64_t count, bool nonblock)
{
    std::vector<uint8_t> buffer(chunk_bytes);
    uint64_t done = 0;
    while (done < count) {
        const std::size_t room = room_in(m, out);
        if (room == 0) return done > 0 ? Outcome<>(done) : wait_for_pipe(m, self, out, true, nonblock);
        std::size_t wanted = std::min<uint64_t>(room, count - done);
        // A pipe is given the file's pages as they are: each takes a buffer, however little of it is meant.
        if (is_pipe(m, out)) wanted = std::min<uint64_t>(wanted, page_size - (from + done) % page_size);
        const auto got = read_inode(m, in, from + done, {buffer.data(), wanted});
        if (!got.ok()) return done > 0 ? Outcome<>(done) : Outcome<>(got.error());
        if (*got == 0) break;
        const IoVec bytes = kernel_buffer({buffer.data(), *got});
        const uint64_t pos = at.value_or(0) + done;
        const Outcome<> written = is_pipe(m, out) && m[m[out].pipe].readers > 0
                                      ? Outcome<>(TRY(pipe_append(m, m[out].pipe, {buffer.data(), *got})))
                                      : file_write(m, self, out, {&bytes, 1}, at ? &pos : nullptr);
        if (!written.ok()) return done > 0 ? Outcome<>(done) : written;
        done += written.value();
        if (written.value() < *got) break;
    }
    return done;
}

Outcome<> splice_from_pipe(Machine& m, TaskId self, FileId in, FileId out, UserPtr<int64_t> out_offset,
                           uint64_t count, bool nonblock)
{
    const PipeId pipe = m[in].pipe;
    const std::size_t room = room_in(m, out);
    if (room == 0) return wait_for_pipe(m, self, out, true, nonblock);
    if (pipe_bytes(m, pipe) == 0) {
        if (m[pipe].writers == 0) return uint64_t{0};
        return wait_for_pipe(m, self, in, false, nonblock);
    }
    Position position(m, self, out, out_offset);
    const uint64_t at = TRY(position.get());
    std::vector<uint8_t> buffer(std::min<uint64_t>(room, count));
    const std::size_t got = pipe_copy_out(m, pipe, buffer, true);
    const IoVec bytes = kernel_buffer({buffer.data(), got});
    const uint64_t done = TRY(file_write(m, self, out, {&bytes, 1}, out_offset ? &at : nullptr));
    if (out_offset) TRY(position.set(at + done));
    return done;
}

Outcome<> splice_to_pipe(Machine& m, TaskId self, FileId in, UserPtr<int64_t> in_offset, FileId out,
                         uint64_t count, bool nonblock)
{
    if (m[in].kind != FileKind::regular) return EINVAL;
    Position position(m, self, in, in_offset);
    const uint64_t from = TRY(position.get());
    const uint64_t done = TRY(copy_contents(m, self, m[in].inode, from, out, std::nullopt, count, nonblock));
    TRY(position.set(from + done));
    return done;
}

// A part of a page takes a buffer, however little of it is meant. The bytes are copied: what the caller
// writes there later does not show in the pipe.
Outcome<> pages_to_pipe(Machine& m, TaskId self, PipeId pipe, std::span<const IoVec> from, bool nonblock)
{
    if (m[pipe].readers == 0) return broken_pipe(m, self);
    if (pipe_is_full(m, pipe)) return wait_at_pipe(m, self, pipe, true, nonblock);
    std::array<uint8_t, page_size> page;
    uint64_t done = 0;
    for (const IoVec& vector : from)
        for (uint64_t at = 0; at < vector.length && !pipe_is_full(m, pipe);) {
            const uint64_t in_page = page_size - (vector.base + at) % page_size;
            const std::span<uint8_t> part(page.data(), std::min(in_page, vector.length - at));
            if (read_user(m, m[self].mm, vector.base + at, part) < part.size())
                return done > 0 ? Outcome<>(done) : EFAULT;
            const Result<uint64_t> appended = pipe_append(m, pipe, part);
            if (!appended.ok()) return done > 0 ? Outcome<>(done) : appended.error();
            at += part.size();
            done += part.size();
        }
    return done;
}

Outcome<> pages_from_pipe(Machine& m, TaskId self, PipeId pipe, std::span<const IoVec> to, bool nonblock)
{
    if (pipe_bytes(m, pipe) == 0 && m[pipe].writers > 0) return wait_at_pipe(m, self, pipe, false, nonblock);
    return pipe_take(m, self, pipe, to, {});
}

// The descriptor's O_NONBLOCK is not asked.
Outcome<> move_pages(Machine& m, TaskId self, FileId file, UserPtr<IoVec> user_vectors, uint64_t count,
                     bool nonblock)
{
    const std::vector<IoVec> vectors = TRY(get_iovec(m, self, user_vectors, count));
    if (IoCursor(vectors).left() == 0) return uint64_t{0};
    if (!is_pipe(m, file)) return EBADF;
    const PipeId pipe = m[file].pipe;
    return writable(m, file) ? pages_to_pipe(m, self, pipe, vectors, nonblock)
                             : pages_from_pipe(m, self, pipe, vectors, nonblock);
}

}  // namespace

Outcome<> sys_sendfile(Machine& m, TaskId self, int out_fd, int in_fd, UserPtr<int64_t> offset,
                       uint64_t count)
{
    const FileId in = TRY(fget(m, self, in_fd));
    if (!readable(m, in)) return EBADF;
    if (offset && !file_seekable(m, in)) return ESPIPE;
    const FileId out = TRY(fget(m, self, out_fd));
    if (!writable(m, out)) return EBADF;
    if (m[in].kind != FileKind::regular || (m[out].flags & o_append)) return EINVAL;
    if (static_cast<int64_t>(count) < 0) return EINVAL;
    Position position(m, self, in, offset);
    const uint64_t from = TRY(position.get());
    const uint64_t most = std::min(count, max_rw_count);
    const uint64_t done = TRY(copy_contents(m, self, m[in].inode, from, out, std::nullopt, most, false));
    TRY(position.set(from + done));
    return done;
}

Outcome<> sys_copy_file_range(Machine& m, TaskId self, int in_fd, UserPtr<int64_t> in_offset, int out_fd,
                              UserPtr<int64_t> out_offset, uint64_t count, uint32_t flags)
{
    if (flags != 0) return EINVAL;
    const FileId in = TRY(fget(m, self, in_fd));
    const FileId out = TRY(fget(m, self, out_fd));
    Position from_at(m, self, in, in_offset);
    Position to_at(m, self, out, out_offset);
    const uint64_t from = TRY(from_at.get());
    const uint64_t to = TRY(to_at.get());
    if (m[in].kind == FileKind::directory || m[out].kind == FileKind::directory) return EISDIR;
    if (!has_contents(m, in) || !has_contents(m, out)) return EINVAL;
    if (m[in].kind != m[out].kind) return EXDEV;
    if (m[in].kind != FileKind::regular) return EINVAL;
    if (!readable(m, in) || !writable(m, out) || (m[out].flags & o_append)) return EBADF;
    const uint64_t most = std::min(count, max_rw_count);
    const bool overlap = from < to + most && to < from + most;
    if (m[in].inode == m[out].inode && overlap) return EINVAL;
    const uint64_t done = TRY(copy_contents(m, self, m[in].inode, from, out, to, most, false));
    TRY(from_at.set(from + done));
    TRY(to_at.set(to + done));
    return done;
}

Outcome<> sys_splice(Machine& m, TaskId self, int in_fd, UserPtr<int64_t> in_offset, int out_fd,
                     UserPtr<int64_t> out_offset, uint64_t count, uint32_t flags)
{
    if (count == 0) return uint64_t{0};
    if (flags & ~known_splice_flags) return EINVAL;
    const FileId in = TRY(fget(m, self, in_fd));
    const FileId out = TRY(fget(m, self, out_fd));
    if (!readable(m, in) || !writable(m, out)) return EBADF;
    if ((is_pipe(m, in) && in_offset) || (is_pipe(m, out) && out_offset)) return ESPIPE;
    const bool nonblock = flags & splice_f_nonblock;
    if (is_pipe(m, in)) {
        if (m[in].pipe == m[out].pipe || (m[out].flags & o_append)) return EINVAL;
        return splice_from_pipe(m, self, in, out, out_offset, count, nonblock);
    }
    if (!is_pipe(m, out)) return EINVAL;
    return splice_to_pipe(m, self, in, in_offset, out, count, nonblock);
}

Outcome<> sys_tee(Machine& m, TaskId self, int in_fd, int out_fd, uint64_t count, uint32_t flags)
{
    if (flags & ~known_splice_flags) return EINVAL;
    if (count == 0) return uint64_t{0};
    const FileId in = TRY(fget(m, self, in_fd));
    const FileId out = TRY(fget(m, self, out_fd));
    if (!readable(m, in) || !writable(m, out)) return EBADF;
    if (!is_pipe(m, in) || !is_pipe(m, out) || m[in].pipe == m[out].pipe) return EINVAL;
    const bool nonblock = flags & splice_f_nonblock;
    const PipeId pipe = m[in].pipe;
    if (m[m[out].pipe].readers == 0) return broken_pipe(m, self);
    if (pipe_bytes(m, pipe) == 0) {
        if (m[pipe].writers == 0) return uint64_t{0};
        return wait_for_pipe(m, self, in, false, nonblock);
    }
    const std::size_t room = room_in(m, out);
    if (room == 0) return wait_for_pipe(m, self, out, true, nonblock);
    std::vector<uint8_t> buffer(std::min<uint64_t>(room, count));
    const std::size_t got = pipe_copy_out(m, pipe, buffer, false);
    const IoVec bytes = kernel_buffer({buffer.data(), got});
    return file_write(m, self, out, {&bytes, 1}, nullptr);
}

Outcome<> sys_vmsplice(Machine& m, TaskId self, int fd, UserPtr<IoVec> vectors, uint64_t count,
                       uint32_t flags)
{
    if (flags & ~known_splice_flags) return EINVAL;
    const FileId file = TRY(file_of_call(m, self, fd));
    return sleep_holding(m, self, file, move_pages(m, self, file, vectors, count, flags & splice_f_nonblock));
}

}  // namespace norn
