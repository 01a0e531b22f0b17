// process_vm_readv(2) and process_vm_writev(2): bytes straight from one process's memory to another's; and
// kcmp(2), which tells whether two tasks share an object.
#include <algorithm>
#include <array>
#include <vector>

#include "fs/file.h"
#include "fs/ops.h"
#include "fs/proc.h"
#include "kernel/syscalls_life.h"
#include "kernel/task.h"
#include "mm/usercopy.h"

namespace norn {

namespace {

/// A place in a list of pieces of memory.
struct Walk {
    const std::vector<IoVec>& pieces;
    std::size_t piece = 0;
    uint64_t offset = 0;

    /// The bytes that lie together from here on; 0 at the end.
    [[nodiscard]] uint64_t left()
    {
        while (piece < pieces.size() && offset == pieces[piece].length) {
            ++piece;
            offset = 0;
        }
        return piece < pieces.size() ? pieces[piece].length - offset : 0;
    }
    [[nodiscard]] uint64_t address() const { return pieces[piece].base + offset; }
};

uint64_t copy_between(Machine& m, MmId from_mm, Walk from, MmId to_mm, Walk to)
{
    std::array<uint8_t, 4096> bytes;
    uint64_t done = 0;
    while (const uint64_t together = std::min({from.left(), to.left(), uint64_t{bytes.size()}})) {
        const std::size_t got = read_user(m, from_mm, from.address(), {bytes.data(), together});
        const std::size_t put = write_user(m, to_mm, to.address(), {bytes.data(), got});
        done += put;
        if (put < together) break;
        from.offset += put;
        to.offset += put;
    }
    return done;
}

enum class Direction : uint8_t { from_other, to_other };

Outcome<> transfer(Machine& m, TaskId self, int pid, std::span<const std::vector<IoVec>, 2> vectors,
                   Direction direction)
{
    const std::vector<IoVec>& own = vectors[0];
    const std::vector<IoVec>& others = vectors[1];
    if (Walk{own}.left() == 0 || Walk{others}.left() == 0) return uint64_t{0};
    const TaskId other = find_task(m, static_cast<uint32_t>(pid));
    if (!other) return ESRCH;
    if (!may_trace(m, self, other)) return EPERM;
    const MmId mm = m[other].mm;
    if (!mm) return ESRCH;
    const uint64_t done = direction == Direction::from_other
                              ? copy_between(m, mm, Walk{others}, m[self].mm, Walk{own})
                              : copy_between(m, m[self].mm, Walk{own}, mm, Walk{others});
    if (done == 0) return EFAULT;
    return done;
}

Outcome<> process_vm(Machine& m, TaskId self, int pid, const std::array<UserPtr<IoVec>, 2>& lists,
                     const std::array<uint64_t, 2>& counts, uint64_t flags, Direction direction)
{
    if (flags) return EINVAL;
    // One by one: GCC forgets what an initializer list holds already when TRY leaves out of its middle.
    std::array<std::vector<IoVec>, 2> vectors;
    for (std::size_t i = 0; i < 2; ++i) vectors[i] = TRY(get_iovec(m, self, lists[i], counts[i]));
    return transfer(m, self, pid, vectors, direction);
}

// ---- kcmp --------------------------------------------------------------------------------------------

enum class Compared : int { file, memory, files, fs, sighand, io, sysvsem, epoll_target };

/// Equal, or an order that stays the same while both are there.
int order_of(uint32_t a, uint32_t b)
{
    return a == b ? 0 : a < b ? 1 : 2;
}

}  // namespace

Outcome<> sys_process_vm_readv(Machine& m, TaskId self, int pid, UserPtr<IoVec> local, uint64_t local_count,
                               UserPtr<IoVec> remote, uint64_t remote_count, uint64_t flags)
{
    return process_vm(m, self, pid, {local, remote}, {local_count, remote_count}, flags,
                      Direction::from_other);
}

Outcome<> sys_process_vm_writev(Machine& m, TaskId self, int pid, UserPtr<IoVec> local, uint64_t local_count,
                                UserPtr<IoVec> remote, uint64_t remote_count, uint64_t flags)
{
    return process_vm(m, self, pid, {local, remote}, {local_count, remote_count}, flags, Direction::to_other);
}

Result<int> sys_kcmp(const Machine& m, TaskId self, int pid1, int pid2, int type, uint64_t first,
                     uint64_t second)
{
    const TaskId a = find_task(m, static_cast<uint32_t>(pid1));
    const TaskId b = find_task(m, static_cast<uint32_t>(pid2));
    if (!a || !b) return ESRCH;
    if (!may_trace(m, self, a) || !may_trace(m, self, b)) return EPERM;
    switch (static_cast<Compared>(type)) {
        case Compared::file: {
            if (!m[a].files || !m[b].files) return EBADF;
            const FileId one = TRY(fget(m, a, static_cast<int>(first), true));
            const FileId other = TRY(fget(m, b, static_cast<int>(second), true));
            return order_of(one.raw, other.raw);
        }
        case Compared::memory:
            return order_of(m[a].mm.raw, m[b].mm.raw);
        case Compared::files:
            return order_of(m[a].files.raw, m[b].files.raw);
        case Compared::fs:
            return order_of(m[a].fs.raw, m[b].fs.raw);
        case Compared::sighand:
            return order_of(m[a].sighand.raw, m[b].sighand.raw);
        case Compared::io:  // nobody has an I/O context, or undo lists of semaphores
        case Compared::sysvsem:
            return 0;
        case Compared::epoll_target:
        default:
            return EINVAL;
    }
}

}  // namespace norn
