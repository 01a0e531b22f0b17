// Copying between the kernel and lists of user buffers.
#include <algorithm>
#include <cstring>

#include "fs/ops.h"
#include "kernel/wait_queue.h"

namespace norn {

namespace {

// Marks a kernel buffer in an IoVec's length; a user's lengths stay below max_rw_count.
constexpr uint64_t kernel_bit = 1ull << 63;

uint64_t length_of(const IoVec& vector)
{
    return vector.length & ~kernel_bit;
}

std::size_t put_bytes(Machine& m, MmId mm, const IoVec& to, uint64_t offset, std::span<const uint8_t> bytes)
{
    NORN_ASSERT(!(to.length & kernel_bit));
    return write_user(m, mm, to.base + offset, bytes);
}

std::size_t take_bytes(Machine& m, MmId mm, const IoVec& from, uint64_t offset, std::span<uint8_t> bytes)
{
    if (!(from.length & kernel_bit)) return read_user(m, mm, from.base + offset, bytes);
    std::memcpy(bytes.data(), reinterpret_cast<const uint8_t*>(from.base) + offset, bytes.size());
    return bytes.size();
}

}  // namespace

IoVec kernel_buffer(std::span<const uint8_t> bytes)
{
    return {reinterpret_cast<uint64_t>(bytes.data()), bytes.size() | kernel_bit};
}

uint64_t resumed_bytes(const Machine& m, TaskId self)
{
    return resuming(m, self) && m[self].kept ? kept<IoKept>(m, self).done : 0;
}

IoCursor::IoCursor(std::span<const IoVec> vectors, uint64_t skip_bytes) : vectors_(vectors)
{
    for (const IoVec& vector : vectors) left_ += length_of(vector);
    skip(skip_bytes);
}

void IoCursor::skip(uint64_t bytes)
{
    NORN_ASSERT(bytes <= left_);
    left_ -= bytes;
    offset_ += bytes;
    while (!vectors_.empty() && offset_ >= length_of(vectors_.front())) {
        offset_ -= length_of(vectors_.front());
        vectors_ = vectors_.subspan(1);
    }
}

// `copy(buffer, offset in `bytes`, size)` returns how many bytes went well.
template <class Copy>
std::size_t IoCursor::walk(std::size_t size, Copy&& copy)
{
    std::size_t done = 0;
    while (done < size && left_ > 0) {
        const std::size_t part =
            std::min<uint64_t>({size - done, length_of(vectors_.front()) - offset_, left_});
        const std::size_t copied = copy(vectors_.front(), done, part);
        done += copied;
        skip(copied);
        if (copied < part) break;
    }
    return done;
}

std::size_t IoCursor::put(Machine& m, TaskId self, std::span<const uint8_t> bytes)
{
    const MmId mm = m[self].mm;
    return walk(bytes.size(), [&](const IoVec& to, std::size_t from, std::size_t size) {
        return put_bytes(m, mm, to, offset_, bytes.subspan(from, size));
    });
}

std::size_t IoCursor::take(Machine& m, TaskId self, std::span<uint8_t> bytes)
{
    const MmId mm = m[self].mm;
    return walk(bytes.size(), [&](const IoVec& from, std::size_t to, std::size_t size) {
        return take_bytes(m, mm, from, offset_, bytes.subspan(to, size));
    });
}

void IoCursor::limit(uint64_t bytes)
{
    left_ = std::min(left_, bytes);
}

Result<uint64_t> read_string(Machine& m, TaskId self, FileId file, std::string_view rest,
                             std::span<const IoVec> to, const uint64_t* pos)
{
    IoCursor cursor(to);
    if (rest.empty() || cursor.left() == 0) return uint64_t{0};
    const std::size_t done =
        cursor.put(m, self, {reinterpret_cast<const uint8_t*>(rest.data()), rest.size()});
    if (done == 0) return EFAULT;
    if (!pos) m.edit(file).pos += done;
    return static_cast<uint64_t>(done);
}

}  // namespace norn
