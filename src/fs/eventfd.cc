// eventfd(2): a counter to wait for.
#include "fs/eventfd.h"

#include "fs/abi.h"
#include "fs/syscalls.h"
#include "kernel/signal.h"
#include "kernel/wait_queue.h"

namespace norn {

namespace {

constexpr uint32_t efd_semaphore = 1;
constexpr uint64_t most = ~0ull - 1;

Outcome<> would_block(const Machine& m, TaskId self, FileId file)
{
    if (m[file].flags & o_nonblock) return EAGAIN;
    if (signal_pending(m, self)) return ERESTARTSYS;
    return Sleep{queue_of(QueueKind::event, file.raw)};
}

}  // namespace

Outcome<> eventfd_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to)
{
    IoCursor cursor(to);
    if (cursor.left() < sizeof(uint64_t)) return EINVAL;
    const uint64_t count = m[file].value;
    if (count == 0) return would_block(m, self, file);
    const uint64_t taken = m[file].special ? 1 : count;
    m.edit(file).value = count - taken;
    wake_up(m, queue_of(QueueKind::event, file.raw), poll_out);
    const auto* bytes = reinterpret_cast<const uint8_t*>(&taken);
    if (cursor.put(m, self, {bytes, sizeof taken}) < sizeof taken) return EFAULT;
    return uint64_t{sizeof taken};
}

Outcome<> eventfd_write(Machine& m, TaskId self, FileId file, std::span<const IoVec> from)
{
    uint64_t added = 0;
    IoCursor cursor(from);
    if (cursor.left() < sizeof added) return EINVAL;
    if (cursor.take(m, self, {reinterpret_cast<uint8_t*>(&added), sizeof added}) < sizeof added)
        return EFAULT;
    if (added == ~0ull) return EINVAL;
    const uint64_t count = m[file].value;
    if (most - count < added) return would_block(m, self, file);
    m.edit(file).value = count + added;
    if (added > 0) wake_up(m, queue_of(QueueKind::event, file.raw), poll_in);
    return uint64_t{sizeof added};
}

Result<int> sys_eventfd2(Machine& m, TaskId self, uint32_t count, int flags)
{
    const auto bits = static_cast<uint32_t>(flags);
    if (bits & ~(efd_semaphore | o_cloexec | o_nonblock)) return EINVAL;
    const FileId file = new_anon_file(m, FileKind::eventfd, o_rdwr | (bits & o_nonblock));
    File& made = m.edit(file);
    made.value = count;
    made.special = bits & efd_semaphore;
    return install_anon_file(m, self, file, bits & o_cloexec);
}

Result<int> sys_eventfd(Machine& m, TaskId self, uint32_t count)
{
    return sys_eventfd2(m, self, count, 0);
}

}  // namespace norn
