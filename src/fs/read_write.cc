// read(2), write(2) and their kin, lseek(2).
#include <algorithm>
#include <cstring>
#include <vector>

#include "fs/abi.h"
#include "fs/inode.h"
#include "fs/outside.h"
#include "fs/syscalls.h"
#include "kernel/task.h"
#include "kernel/wait_queue.h"

namespace norn {

namespace {

enum : int { seek_set = 0, seek_cur = 1, seek_end = 2, seek_data_from = 3, seek_hole_from = 4 };

enum RwFlag : uint32_t {
    rwf_hipri = 1,
    rwf_dsync = 2,
    rwf_sync = 4,
    rwf_nowait = 8,
    rwf_append = 16,
};

IoVec one_buffer(uint64_t address, uint64_t size)
{
    return {address, std::min(size, max_rw_count)};
}

enum class Direction : uint8_t { in, out };

Outcome<> move_bytes(Machine& m, TaskId self, FileId file, Direction direction,
                     std::span<const IoVec> vectors, const uint64_t* pos)
{
    return direction == Direction::in ? file_read(m, self, file, vectors, pos)
                                      : file_write(m, self, file, vectors, pos);
}

Outcome<> move_or_sleep(Machine& m, TaskId self, FileId file, Direction direction,
                        std::span<const IoVec> vectors)
{
    return sleep_holding(m, self, file, move_bytes(m, self, file, direction, vectors, nullptr));
}

// At a position of the call's own; a negative one is refused before all else.
Outcome<> move_at(Machine& m, TaskId self, int fd, Direction direction, std::span<const IoVec> vectors,
                  int64_t offset)
{
    const FileId file = TRY(file_of_call(m, self, fd));
    if (!file_seekable(m, file) && !outside_reads_anywhere(m, file)) return ESPIPE;
    const auto pos = static_cast<uint64_t>(offset);
    return sleep_holding(m, self, file, move_bytes(m, self, file, direction, vectors, &pos));
}

Outcome<> move_vectors(Machine& m, TaskId self, int fd, Direction direction, UserPtr<IoVec> user_vectors,
                       uint64_t count)
{
    const FileId file = TRY(file_of_call(m, self, fd));
    const auto vectors = get_iovec(m, self, user_vectors, count);
    if (vectors.ok()) return move_or_sleep(m, self, file, direction, *vectors);
    if (resuming(m, self)) put_file(m, file);
    return vectors.error();
}

Outcome<> move_vectors_at(Machine& m, TaskId self, int fd, Direction direction, UserPtr<IoVec> user_vectors,
                          uint64_t count, int64_t offset)
{
    if (offset < 0) return EINVAL;
    const FileId file = TRY(file_of_call(m, self, fd));
    const auto vectors = get_iovec(m, self, user_vectors, count);
    if (vectors.ok()) return move_at(m, self, fd, direction, *vectors, offset);
    if (resuming(m, self)) put_file(m, file);
    return vectors.error();
}

Outcome<> move_vectors_flags(Machine& m, TaskId self, int fd, Direction direction, UserPtr<IoVec> vectors,
                             uint64_t count, int64_t offset, uint32_t flags)
{
    constexpr uint32_t known = rwf_hipri | rwf_dsync | rwf_sync | rwf_nowait | rwf_append;
    if (flags & ~known) return EOPNOTSUPP;
    const FileId file = TRY(file_of_call(m, self, fd));
    const bool regular = m[file].kind == FileKind::regular;
    if ((flags & rwf_nowait) && !regular) return EOPNOTSUPP;
    if ((flags & rwf_append) && regular && direction == Direction::out) {
        const auto end = static_cast<int64_t>(m[m[file].inode].size);
        const uint64_t done = TRY(move_vectors_at(m, self, fd, direction, vectors, count, end));
        if (offset == -1) m.edit(file).pos = static_cast<uint64_t>(end) + done;
        return done;
    }
    if (offset == -1) return move_vectors(m, self, fd, direction, vectors, count);
    return move_vectors_at(m, self, fd, direction, vectors, count, offset);
}

// Files of events let themselves be sought in, to no effect (noop_llseek).
bool has_no_place(FileKind kind)
{
    return kind == FileKind::eventfd || kind == FileKind::timerfd || kind == FileKind::signalfd ||
           kind == FileKind::epoll;
}

Result<uint64_t> seek_target(const Machine& m, FileId file, int64_t offset, int whence)
{
    const InodeId inode = m[file].inode;
    const bool regular = m[file].kind == FileKind::regular;
    int64_t base = 0;
    switch (whence) {
        case seek_set:
            break;
        case seek_cur:
            base = static_cast<int64_t>(m[file].pos);
            break;
        case seek_end:
            base = static_cast<int64_t>(m[inode].size);
            break;
        case seek_data_from:
            if (offset < 0) return ENXIO;
            return regular ? seek_data(m, inode, static_cast<uint64_t>(offset)) : Result<uint64_t>(EINVAL);
        case seek_hole_from:
            if (offset < 0) return ENXIO;
            return regular ? seek_hole(m, inode, static_cast<uint64_t>(offset)) : Result<uint64_t>(EINVAL);
        default:
            return EINVAL;
    }
    int64_t target = 0;
    if (__builtin_add_overflow(base, offset, &target)) return EOVERFLOW;
    const auto place = static_cast<uint64_t>(target);
    if (target < 0 || (regular && place > max_file_size(m, inode))) return EINVAL;
    return place;
}

}  // namespace

Outcome<> sleep_holding(Machine& m, TaskId self, FileId file, const Outcome<>& moved)
{
    if (!moved.sleeps()) {
        if (resuming(m, self)) put_file(m, file);
        return moved;
    }
    if (!resuming(m, self)) hold_file(m, file);
    Sleep sleep = moved.sleep();
    IoKept record;
    if (sleep.kept_size == sizeof record)
        std::memcpy(static_cast<void*>(&record), sleep.kept.data(), sizeof record);
    record.file = file;
    return sleep.keep(record);
}

Result<FileId> file_of_call(const Machine& m, TaskId self, int fd)
{
    if (resuming(m, self)) return kept<IoKept>(m, self).file;
    return fget(m, self, fd);
}

Outcome<> sys_read(Machine& m, TaskId self, int fd, UserPtr<> buffer, uint64_t count)
{
    const FileId file = TRY(file_of_call(m, self, fd));
    const IoVec vector = one_buffer(buffer.address, count);
    return move_or_sleep(m, self, file, Direction::in, {&vector, 1});
}

Outcome<> sys_write(Machine& m, TaskId self, int fd, UserPtr<> buffer, uint64_t count)
{
    const FileId file = TRY(file_of_call(m, self, fd));
    const IoVec vector = one_buffer(buffer.address, count);
    return move_or_sleep(m, self, file, Direction::out, {&vector, 1});
}

Outcome<> sys_pread64(Machine& m, TaskId self, int fd, UserPtr<> buffer, uint64_t count, int64_t offset)
{
    if (offset < 0) return EINVAL;
    const IoVec vector = one_buffer(buffer.address, count);
    return move_at(m, self, fd, Direction::in, {&vector, 1}, offset);
}

Outcome<> sys_pwrite64(Machine& m, TaskId self, int fd, UserPtr<> buffer, uint64_t count, int64_t offset)
{
    if (offset < 0) return EINVAL;
    const IoVec vector = one_buffer(buffer.address, count);
    return move_at(m, self, fd, Direction::out, {&vector, 1}, offset);
}

Outcome<> sys_readv(Machine& m, TaskId self, int fd, UserPtr<IoVec> vectors, uint64_t count)
{
    return move_vectors(m, self, fd, Direction::in, vectors, count);
}

Outcome<> sys_writev(Machine& m, TaskId self, int fd, UserPtr<IoVec> vectors, uint64_t count)
{
    return move_vectors(m, self, fd, Direction::out, vectors, count);
}

Outcome<> sys_preadv(Machine& m, TaskId self, int fd, UserPtr<IoVec> vectors, uint64_t count, int64_t offset,
                     uint64_t /*offset_high*/)
{
    return move_vectors_at(m, self, fd, Direction::in, vectors, count, offset);
}

Outcome<> sys_pwritev(Machine& m, TaskId self, int fd, UserPtr<IoVec> vectors, uint64_t count, int64_t offset,
                      uint64_t /*offset_high*/)
{
    return move_vectors_at(m, self, fd, Direction::out, vectors, count, offset);
}

Outcome<> sys_preadv2(Machine& m, TaskId self, int fd, UserPtr<IoVec> vectors, uint64_t count, int64_t offset,
                      uint64_t /*offset_high*/, uint32_t flags)
{
    return move_vectors_flags(m, self, fd, Direction::in, vectors, count, offset, flags);
}

Outcome<> sys_pwritev2(Machine& m, TaskId self, int fd, UserPtr<IoVec> vectors, uint64_t count,
                       int64_t offset, uint64_t /*offset_high*/, uint32_t flags)
{
    return move_vectors_flags(m, self, fd, Direction::out, vectors, count, offset, flags);
}

Result<uint64_t> sys_lseek(Machine& m, TaskId self, int fd, int64_t offset, int whence)
{
    const FileId file = TRY(fget(m, self, fd));
    if (whence < seek_set || whence > seek_hole_from) return EINVAL;
    if (m[file].kind == FileKind::outside) return outside_seek(m, file, offset, whence);
    if (has_no_place(m[file].kind)) return m[file].pos;
    if (m[file].kind == FileKind::device) return uint64_t{0};  // null_lseek
    if (!file_seekable(m, file)) return ESPIPE;
    const uint64_t target = TRY(seek_target(m, file, offset, whence));
    m.edit(file).pos = target;
    return target;
}

}  // namespace norn
