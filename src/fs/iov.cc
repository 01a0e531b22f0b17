// Copying between the kernel and lists of user buffers.
#include <algorithm>

#include "fs/ops.h"
#include "kernel/wait_queue.h"

namespace norn {

uint64_t resumed_bytes(const Machine& m, TaskId self)
{
    return resuming(m, self) ? kept<IoKept>(m, self).done : 0;
}

IoCursor::IoCursor(std::span<const IoVec> vectors, uint64_t skip_bytes) : vectors_(vectors)
{
    for (const IoVec& vector : vectors) left_ += vector.length;
    skip(skip_bytes);
}

void IoCursor::skip(uint64_t bytes)
{
    NORN_ASSERT(bytes <= left_);
    left_ -= bytes;
    offset_ += bytes;
    while (!vectors_.empty() && offset_ >= vectors_.front().length) {
        offset_ -= vectors_.front().length;
        vectors_ = vectors_.subspan(1);
    }
}

// `copy(user address, kernel offset, size)` returns how many bytes went well.
template <class Copy>
std::size_t IoCursor::walk(std::size_t size, Copy&& copy)
{
    std::size_t done = 0;
    while (done < size && left_ > 0) {
        const std::size_t part = std::min<uint64_t>({size - done, vectors_.front().length - offset_, left_});
        const std::size_t copied = copy(vectors_.front().base + offset_, done, part);
        done += copied;
        skip(copied);
        if (copied < part) break;
    }
    return done;
}

std::size_t IoCursor::put(Machine& m, TaskId self, std::span<const uint8_t> bytes)
{
    const MmId mm = m[self].mm;
    return walk(bytes.size(), [&](uint64_t to, std::size_t from, std::size_t size) {
        return write_user(m, mm, to, bytes.subspan(from, size));
    });
}

std::size_t IoCursor::take(Machine& m, TaskId self, std::span<uint8_t> bytes)
{
    const MmId mm = m[self].mm;
    return walk(bytes.size(), [&](uint64_t from, std::size_t to, std::size_t size) {
        return read_user(m, mm, from, bytes.subspan(to, size));
    });
}

void IoCursor::limit(uint64_t bytes)
{
    left_ = std::min(left_, bytes);
}

Result<uint64_t> read_string(Machine& m, TaskId self, FileId file, std::string_view contents,
                             std::span<const IoVec> to, const uint64_t* pos)
{
    const uint64_t at = pos ? *pos : m[file].pos;
    IoCursor cursor(to);
    if (at >= contents.size() || cursor.left() == 0) return uint64_t{0};
    const std::string_view rest = contents.substr(at, cursor.left());
    const std::size_t done =
        cursor.put(m, self, {reinterpret_cast<const uint8_t*>(rest.data()), rest.size()});
    if (done == 0) return EFAULT;
    if (!pos) m.edit(file).pos = at + done;
    return static_cast<uint64_t>(done);
}

}  // namespace norn
