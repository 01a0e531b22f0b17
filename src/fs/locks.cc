// Advisory locks (flock(2), fcntl(2)).
//
//  L1  The locks in force on an inode are on its list, by start. Record locks of one owner never overlap;
//      neighbours of the same kind are one lock.
//  L2  A record lock belongs to a descriptor table, or with F_OFD_… to an open file description; a flock
//      lock to a description. Record locks and flock locks do not see each other.
//  L3  What a sleeping F_SETLKW asked for is a record with `waiting`, on no list. The waits of owners
//      for each other are read from those (deadlocks, EDEADLK).
#include "fs/locks.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "fs/abi.h"
#include "fs/syscalls.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "kernel/wait_queue.h"

namespace norn {

namespace {

enum LockType : int16_t { f_rdlck = 0, f_wrlck = 1, f_unlck = 2 };
enum FlockOperation : int { lock_sh = 1, lock_ex = 2, lock_nb = 4, lock_un = 8 };

constexpr uint64_t end_of_file = ~0ull;
constexpr uint64_t bytes_looked_at = 512;  ///< what walking past a lock costs, as bytes moved

/// A lock as it is asked for; `type` may be F_UNLCK.
struct Request {
    FileLock lock;
    int16_t type = f_unlck;
};

bool same_owner(const FileLock& a, const FileLock& b)
{
    if (a.posix != b.posix || a.ofd != b.ofd) return false;
    if (!a.posix || a.ofd) return a.file == b.file;
    return a.owner == b.owner;
}

bool overlap(const FileLock& a, const FileLock& b)
{
    return a.start < b.end && b.start < a.end;
}

bool conflict(const FileLock& a, const FileLock& b)
{
    return a.posix == b.posix && !same_owner(a, b) && (a.exclusive || b.exclusive) && overlap(a, b);
}

FileLockId find_conflict(const Machine& m, const FileLock& wanted)
{
    for (FileLockId at = m[wanted.inode].locks; at; at = m[at].next)
        if (conflict(m[at], wanted)) return at;
    return {};
}

void insert_lock(Machine& m, FileLock lock)
{
    FileLockId before;
    FileLockId after = m[lock.inode].locks;
    while (after && m[after].start < lock.start) {
        before = after;
        after = m[after].next;
    }
    lock.next = after;
    const FileLockId id = m.allocate(lock);
    if (before)
        m.edit(before).next = id;
    else
        m.edit(lock.inode).locks = id;
    if (lock.posix && !lock.ofd) m.edit(lock.owner).posix_locks++;
}

// Takes out and returns the locks on an inode that `which` picks.
template <class Which>
std::vector<FileLock> take_locks(Machine& m, InodeId inode, Which&& which)
{
    std::vector<FileLock> taken;
    FileLockId before;
    FileLockId at = m[inode].locks;
    while (at) {
        const FileLock lock = m[at];
        m.call_bytes += bytes_looked_at;
        if (!which(lock)) {
            before = at;
            at = lock.next;
            continue;
        }
        if (before)
            m.edit(before).next = lock.next;
        else
            m.edit(inode).locks = lock.next;
        m.free(at);
        if (lock.posix && !lock.ofd) m.edit(lock.owner).posix_locks--;
        taken.push_back(lock);
        at = lock.next;
    }
    return taken;
}

void wake_lock_waiters(Machine& m, InodeId inode)
{
    wake_up_all(m, queue_of(QueueKind::file_lock, inode.raw));
}

// Sets or clears a range for its owner (L1): own locks it touches are cut or joined.
void apply(Machine& m, const Request& request)
{
    FileLock joined = request.lock;
    const bool unlock = request.type == f_unlck;
    const auto touched = take_locks(m, joined.inode, [&](const FileLock& lock) {
        if (!same_owner(lock, request.lock)) return false;
        const bool touches = lock.start <= request.lock.end && request.lock.start <= lock.end;
        const bool joins = !unlock && lock.exclusive == request.lock.exclusive && touches;
        return joins || overlap(lock, request.lock);
    });
    for (const FileLock& old : touched) {
        if (!unlock && old.exclusive == joined.exclusive) {
            joined.start = std::min(joined.start, old.start);
            joined.end = std::max(joined.end, old.end);
            continue;
        }
        FileLock piece = old;
        piece.end = request.lock.start;
        if (old.start < request.lock.start) insert_lock(m, piece);
        piece = old;
        piece.start = request.lock.end;
        if (old.end > request.lock.end) insert_lock(m, piece);
    }
    if (!unlock) insert_lock(m, joined);
    if (!touched.empty()) wake_lock_waiters(m, joined.inode);
}

// What an owner of record locks waits for, if it does.
std::optional<FileLock> waits_for(const Machine& m, const FileLock& owner)
{
    std::optional<FileLock> found;
    m.pool<FileLock>().each([&](FileLockId, const FileLock& lock) {
        if (lock.waiting && same_owner(lock, owner)) found = lock;
    });
    return found;
}

// Would `wanted` close a circle of owners that wait for each other?
bool would_deadlock(const Machine& m, const FileLock& wanted, FileLockId blocker)
{
    constexpr int most_steps = 10;
    for (int step = 0; blocker && step < most_steps; ++step) {
        if (same_owner(m[blocker], wanted)) return true;
        const std::optional<FileLock> next = waits_for(m, m[blocker]);
        if (!next) return false;
        blocker = find_conflict(m, *next);
    }
    return false;
}

Result<> set_range(const Machine& m, FileId file, const Flock& asked, FileLock& lock)
{
    int64_t start = 0;
    switch (asked.whence) {
        case 0:
            break;
        case 1:
            start = static_cast<int64_t>(m[file].pos);
            break;
        case 2:
            start = static_cast<int64_t>(m[m[file].inode].size);
            break;
        default:
            return EINVAL;
    }
    if (__builtin_add_overflow(start, asked.start, &start)) return EOVERFLOW;
    if (start < 0) return EINVAL;
    int64_t end = std::numeric_limits<int64_t>::max();
    if (asked.length != 0 && __builtin_add_overflow(start, asked.length, &end)) return EOVERFLOW;
    if (asked.length < 0) std::swap(start, end);
    if (start < 0) return EINVAL;
    lock.start = static_cast<uint64_t>(start);
    lock.end = asked.length == 0 ? end_of_file : static_cast<uint64_t>(end);
    return {};
}

Result<Request> request_of(const Machine& m, TaskId self, FileId file, const Flock& asked, bool ofd)
{
    if (asked.type < f_rdlck || asked.type > f_unlck) return EINVAL;
    if (ofd && asked.pid != 0) return EINVAL;
    Request request;
    request.type = asked.type;
    FileLock& lock = request.lock;
    TRY(set_range(m, file, asked, lock));
    lock.inode = m[file].inode;
    lock.posix = 1;
    lock.ofd = ofd;
    lock.exclusive = asked.type == f_wrlck;
    if (ofd)
        lock.file = file;
    else
        lock.owner = m[self].files;
    lock.pid = ofd ? ~0u : tgid_nr(m, self);
    return request;
}

Flock describe(const FileLock& lock)
{
    Flock told;
    told.type = lock.exclusive ? f_wrlck : f_rdlck;
    told.start = static_cast<int64_t>(lock.start);
    told.length = lock.end == end_of_file ? 0 : static_cast<int64_t>(lock.end - lock.start);
    told.pid = static_cast<int32_t>(lock.pid);
    return told;
}

Sleep sleep_for_lock(InodeId inode, const LockWait& wait)
{
    return Sleep{queue_of(QueueKind::file_lock, inode.raw)}.keep(wait);
}

}  // namespace

Result<> get_record_lock(Machine& m, TaskId self, FileId file, UserPtr<Flock> lock, bool ofd)
{
    Flock asked = TRY(get_user(m, self, lock));
    if (asked.type != f_rdlck && asked.type != f_wrlck) return EINVAL;
    const Request request = TRY(request_of(m, self, file, asked, ofd));
    const FileLockId found = find_conflict(m, request.lock);
    if (found)
        asked = describe(m[found]);
    else
        asked.type = f_unlck;
    return put_user(m, self, lock, asked);
}

Outcome<> set_record_lock(Machine& m, TaskId self, FileId file, UserPtr<Flock> lock, bool ofd, bool wait)
{
    const Flock asked = TRY(get_user(m, self, lock));
    const Request request = TRY(request_of(m, self, file, asked, ofd));
    const uint32_t access = m[file].flags & o_accmode;
    if (asked.type == f_rdlck && access == o_wronly) return EBADF;
    if (asked.type == f_wrlck && access == o_rdonly) return EBADF;
    const FileLockId blocker = request.type == f_unlck ? FileLockId{} : find_conflict(m, request.lock);
    if (!blocker) {
        apply(m, request);
        return uint64_t{0};
    }
    if (!wait) return EAGAIN;
    if (!ofd && would_deadlock(m, request.lock, blocker)) return EDEADLK;
    const FileLockId requested = m.allocate<FileLock>();
    FileLock& record = m.edit(requested);
    record = request.lock;
    record.waiting = 1;
    hold_file(m, file);
    return sleep_for_lock(request.lock.inode, {file, requested});
}

Outcome<> resume_record_lock(Machine& m, TaskId self)
{
    const auto wait = kept<LockWait>(m, self);
    Request request;
    request.lock = m[wait.requested];
    request.lock.waiting = 0;
    request.type = request.lock.exclusive ? f_wrlck : f_rdlck;
    const bool blocked = static_cast<bool>(find_conflict(m, request.lock));
    if (blocked && !signal_pending(m, self)) return sleep_for_lock(request.lock.inode, wait);
    m.free(wait.requested);
    if (!blocked) apply(m, request);
    put_file(m, wait.file);
    if (blocked) return ERESTARTSYS;
    return uint64_t{0};
}

void release_posix_locks(Machine& m, FilesId owner, InodeId inode)
{
    if (m[owner].posix_locks == 0) return;
    const auto released = take_locks(
        m, inode, [&](const FileLock& lock) { return lock.posix && !lock.ofd && lock.owner == owner; });
    if (!released.empty()) wake_lock_waiters(m, inode);
}

void release_all_posix_locks(Machine& m, FilesId owner)
{
    if (m[owner].posix_locks == 0) return;
    std::vector<InodeId> inodes;
    m.pool<FileLock>().each([&](FileLockId, const FileLock& lock) {
        if (lock.posix && !lock.ofd && !lock.waiting && lock.owner == owner) inodes.push_back(lock.inode);
    });
    for (const InodeId inode : inodes) release_posix_locks(m, owner, inode);
}

void release_file_locks(Machine& m, FileId file)
{
    const InodeId inode = m[file].inode;
    if (!m[inode].locks) return;
    const auto released = take_locks(
        m, inode, [&](const FileLock& lock) { return (!lock.posix || lock.ofd) && lock.file == file; });
    if (!released.empty()) wake_lock_waiters(m, inode);
}

// ---- flock(2) ------------------------------------------------------------------------------------------

namespace {

FileLock whole_file(const Machine& m, TaskId self, FileId file, bool exclusive)
{
    FileLock lock;
    lock.end = end_of_file;
    lock.inode = m[file].inode;
    lock.file = file;
    lock.exclusive = exclusive;
    lock.pid = tgid_nr(m, self);
    return lock;
}

Outcome<> take_flock(Machine& m, TaskId self, FileId file, int operation)
{
    const FileLock wanted = whole_file(m, self, file, (operation & ~lock_nb) == lock_ex);
    bool held = false;
    const auto given_up = take_locks(m, wanted.inode, [&](const FileLock& lock) {
        if (!same_owner(lock, wanted)) return false;
        held = lock.exclusive == wanted.exclusive;
        return !held;
    });
    if (held) return uint64_t{0};
    if (!given_up.empty()) wake_lock_waiters(m, wanted.inode);
    if (!find_conflict(m, wanted)) {
        insert_lock(m, wanted);
        return uint64_t{0};
    }
    if (operation & lock_nb) return EAGAIN;
    if (signal_pending(m, self)) return ERESTARTSYS;
    return sleep_for_lock(wanted.inode, {file, FileLockId{}});
}

}  // namespace

Outcome<> sys_flock(Machine& m, TaskId self, int fd, int operation)
{
    const FileId file = resuming(m, self) ? kept<LockWait>(m, self).file : TRY(fget(m, self, fd));
    const int kind = operation & ~lock_nb;
    if (kind != lock_sh && kind != lock_ex && kind != lock_un) return EINVAL;
    if (kind == lock_un) {
        const auto released = take_locks(
            m, m[file].inode, [&](const FileLock& lock) { return !lock.posix && lock.file == file; });
        if (!released.empty()) wake_lock_waiters(m, m[file].inode);
        return uint64_t{0};
    }
    const Outcome<> taken = take_flock(m, self, file, operation);
    if (taken.sleeps() && !resuming(m, self)) hold_file(m, file);
    if (!taken.sleeps() && resuming(m, self)) put_file(m, file);
    return taken;
}

}  // namespace norn
