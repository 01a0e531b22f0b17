// Pipes and FIFOs: a ring of pages between writers and readers (pipe(7), fifo(7)).
//
//  P1  Buffers [tail, head) hold bytes; `head - tail` never exceeds `capacity`.
//  P2  A write of at most PIPE_BUF (4096) bytes takes one buffer, or the free end of the last, at once or
//      not at all: that is what makes it atomic.
//  P3  Readers and writers wait exclusively. Who was woken and leaves something for the next wakes it.
//  P4  The contents live while somebody has an end open (`refs`); a FIFO's inode outlives them.
#include "fs/pipe.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "fs/abi.h"
#include "fs/fasync.h"
#include "fs/inode.h"
#include "fs/syscalls.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "kernel/wait_queue.h"
#include "mm/frame.h"

namespace norn {

namespace {

constexpr uint32_t ring_buffers = 16;
constexpr uint32_t pipe_max_size = 1u << 20;

uint32_t occupied(const Pipe& pipe)
{
    return pipe.head - pipe.tail;
}

bool is_full(const Pipe& pipe)
{
    return occupied(pipe) >= pipe.capacity;
}

PipeRingId ring_of(const Machine& m, PipeId pipe, uint32_t slot)
{
    PipeRingId ring = m[pipe].more;
    for (uint32_t i = slot / ring_buffers; i > 1; --i) ring = m[ring].next;
    return ring;
}

const PipeBuffer& buffer_at(const Machine& m, PipeId pipe, uint32_t number)
{
    const uint32_t slot = number & (m[pipe].capacity - 1);
    if (slot < ring_buffers) return m[pipe].ring[slot];
    return m[ring_of(m, pipe, slot)].ring[slot % ring_buffers];
}

PipeBuffer& edit_buffer(Machine& m, PipeId pipe, uint32_t number)
{
    const uint32_t slot = number & (m[pipe].capacity - 1);
    if (slot < ring_buffers) return m.edit(pipe).ring[slot];
    return m.edit(ring_of(m, pipe, slot)).ring[slot % ring_buffers];
}

void drop_first(Machine& m, PipeId pipe)
{
    PipeBuffer& first = edit_buffer(m, pipe, m[pipe].tail);
    const PageId page = first.page;
    first = PipeBuffer{};
    m.edit(pipe).tail++;
    put_page(m, page);
}

void free_rings(Machine& m, PipeRingId ring)
{
    while (ring) {
        const PipeRingId next = m[ring].next;
        m.free(ring);
        ring = next;
    }
}

// Who reads or writes is woken when the pipe leaves the state that stopped it; who polls, each time.
void wake_readers(Machine& m, PipeId pipe, bool was_empty = true)
{
    wake_up(m, queue_of(QueueKind::pipe_read, pipe.raw), poll_in | poll_rdnorm, was_empty);
    kill_fasync(m, pipe, true);
}

void wake_writers(Machine& m, PipeId pipe, bool was_full = true)
{
    wake_up(m, queue_of(QueueKind::pipe_write, pipe.raw), poll_out | poll_wrnorm, was_full);
    kill_fasync(m, pipe, false);
}

// A socket's timeout counts from the first wait of the call, and a signal ends the call then.
Sleep wait_on(const Machine& m, TaskId self, QueueKind kind, PipeId pipe, uint64_t done, const PipeMode& mode)
{
    Sleep sleep(queue_of(kind, pipe.raw));
    sleep.exclusive = true;
    IoKept record{done, FileId{}, 0, never};
    if (resuming(m, self))
        record.deadline_ns = kept<IoKept>(m, self).deadline_ns;
    else if (mode.timeout_ns > 0)
        record.deadline_ns = ktime_add_safe(m.state.now_ns, mode.timeout_ns);
    sleep.until(record.deadline_ns);
    return sleep.keep(record);
}

// Why a call that would wait does not; none: it waits.
Errno waits_not(const Machine& m, TaskId self, const PipeMode& mode)
{
    if (mode.nonblock || timed_out(m, self)) return EAGAIN;
    if (signal_pending(m, self)) return mode.timeout_ns > 0 ? EINTR : ERESTARTSYS;
    return Errno::none;
}

// ---- Reading -----------------------------------------------------------------------------------------

struct Moved {
    uint64_t done = 0;
    bool fault = false;
};

// Takes what is there, or only looks at it, buffer by buffer; a packet ends the read and what did not fit
// of it is lost.
Moved take_buffers(Machine& m, TaskId self, PipeId pipe, IoCursor& to, bool look)
{
    Moved moved;
    bool inside_packet = false;
    for (uint32_t n = m[pipe].tail; n != m[pipe].head && (to.left() > 0 || inside_packet);) {
        const PipeBuffer first = buffer_at(m, pipe, n);
        const std::size_t part = moved.fault ? 0 : std::min<uint64_t>(first.length, to.left());
        std::array<uint8_t, page_size> bytes;
        std::memcpy(bytes.data(), page_bytes(m, first.page) + first.offset, part);
        const std::size_t put = to.put(m, self, {bytes.data(), part});
        moved.done += put;
        moved.fault = moved.fault || put < part;
        if (moved.fault && moved.done == 0) return moved;
        const bool packet = first.apart & buffer_packet;
        inside_packet = packet && (first.apart & buffer_more);
        ++n;
        if (look) {
            // stays as it is
        } else if (put == first.length || packet) {
            drop_first(m, pipe);
        } else {
            PipeBuffer& rest = edit_buffer(m, pipe, m[pipe].tail);
            rest.offset = static_cast<uint16_t>(rest.offset + put);
            rest.length = static_cast<uint16_t>(rest.length - put);
        }
        if (!inside_packet && (packet || moved.fault)) return moved;
    }
    return moved;
}

// ---- Writing -----------------------------------------------------------------------------------------

// The odd bytes go to the free end of the last buffer if they fit there as a whole (P2).
Moved merge_into_last(Machine& m, TaskId self, PipeId pipe, IoCursor& from)
{
    Moved moved;
    const std::size_t odd = from.left() % page_size;
    if (odd == 0 || occupied(m[pipe]) == 0) return moved;
    const PipeBuffer last = buffer_at(m, pipe, m[pipe].head - 1);
    const std::size_t end = last.offset + last.length;
    if (last.apart || end + odd > page_size) return moved;
    std::array<uint8_t, page_size> bytes;
    const std::size_t taken = from.take(m, self, {bytes.data(), odd});
    moved.fault = taken < odd;
    if (moved.fault) return moved;
    std::memcpy(grant_write(m, last.page) + end, bytes.data(), odd);
    edit_buffer(m, pipe, m[pipe].head - 1).length = static_cast<uint16_t>(last.length + odd);
    moved.done = odd;
    return moved;
}

Result<> push_buffer(Machine& m, PipeId pipe, std::span<const uint8_t> bytes, uint32_t apart)
{
    const PageId page = TRY(new_page(m));
    hold_page(m, page);
    std::memcpy(grant_write(m, page), bytes.data(), bytes.size());
    const uint32_t head = m[pipe].head;
    edit_buffer(m, pipe, head) = PipeBuffer{page, 0, static_cast<uint16_t>(bytes.size()), apart};
    m.edit(pipe).head = head + 1;
    return {};
}

// One more buffer of up to a page; of a whole packet all that it takes, at once.
Result<uint64_t> append_buffers(Machine& m, TaskId self, PipeId pipe, IoCursor& from, const PipeMode& mode)
{
    std::vector<uint8_t> bytes(mode.whole ? from.left() : std::min<uint64_t>(page_size, from.left()));
    if (from.take(m, self, bytes) < bytes.size()) return EFAULT;
    for (std::size_t at = 0; at < bytes.size(); at += page_size) {
        const std::size_t part = std::min<std::size_t>(page_size, bytes.size() - at);
        const bool more = at + part < bytes.size();
        const uint32_t apart = uint32_t{mode.packets} * buffer_packet | uint32_t{more} * buffer_more;
        TRY(push_buffer(m, pipe, {bytes.data() + at, part}, apart));
    }
    return bytes.size();
}

bool has_room(const Pipe& pipe, const PipeMode& mode, uint64_t bytes)
{
    if (!mode.whole || bytes <= page_size) return !is_full(pipe);
    return pipe.capacity - occupied(pipe) >= (bytes + page_size - 1) / page_size;
}

Errno broken_pipe(Machine& m, TaskId self)
{
    signal_self(m, self, SIGPIPE_);
    return EPIPE;
}

// Why a write stops before all is written; none: the pipe is full and it may wait.
Errno write_stops(Machine& m, TaskId self, PipeId pipe, const PipeMode& mode, uint64_t left)
{
    if (m[pipe].readers == 0) return mode.quiet ? EPIPE : broken_pipe(m, self);
    return has_room(m[pipe], mode, left) ? Errno::none : waits_not(m, self, mode);
}

}  // namespace

PipeId new_pipe(Machine& m)
{
    return m.allocate<Pipe>();
}

namespace {
/// Who slept goes on; an epoll that watches a socket's other end stays, but not on this queue.
void empty_queue(Machine& m, QueueRef queue)
{
    wake_up_all(m, queue);
    while (const WaitId left = look_queue(m, queue).first) remove_wait(m, left);
}
}  // namespace

void free_pipe(Machine& m, PipeId pipe)
{
    while (occupied(m[pipe]) > 0) drop_first(m, pipe);
    empty_queue(m, queue_of(QueueKind::pipe_read, pipe.raw));
    empty_queue(m, queue_of(QueueKind::pipe_write, pipe.raw));
    empty_queue(m, queue_of(QueueKind::pipe_open, pipe.raw));
    free_rings(m, m[pipe].more);
    m.free(pipe);
}

void pipe_open_end(Machine& m, FileId file)
{
    const PipeId id = m[file].pipe;
    const uint32_t access = m[file].flags & o_accmode;
    // A reader that came before all writers sees no hang-up until one has come and gone.
    if (access == o_rdonly && (m[file].flags & o_nonblock) && m[id].writers == 0) {
        const uint32_t seen = m[id].w_counter;
        m.edit(file).value = seen;
    }
    Pipe& pipe = m.edit(id);
    pipe.refs++;
    if (access != o_wronly) {
        pipe.readers++;
        pipe.r_counter++;
    }
    if (access != o_rdonly) {
        pipe.writers++;
        pipe.w_counter++;
    }
    wake_up_all(m, queue_of(QueueKind::pipe_open, id.raw));
}

void pipe_release(Machine& m, FileId file)
{
    const PipeId id = m[file].pipe;
    if (!id) return;
    const uint32_t access = m[file].flags & o_accmode;
    Pipe& pipe = m.edit(id);
    if (access != o_wronly) pipe.readers--;
    if (access != o_rdonly) pipe.writers--;
    const bool one_side_gone = (pipe.readers == 0) != (pipe.writers == 0);
    const bool last = --pipe.refs == 0;
    m.edit(file).pipe = PipeId{};
    if (last) {
        m.edit(m[file].inode).pipe = PipeId{};
        free_pipe(m, id);
    } else if (one_side_gone) {
        wake_up_all(m, queue_of(QueueKind::pipe_read, id.raw));
        wake_up_all(m, queue_of(QueueKind::pipe_write, id.raw));
    }
}

Outcome<> pipe_take(Machine& m, TaskId self, PipeId pipe, std::span<const IoVec> to, const PipeMode& mode)
{
    uint64_t done = mode.all ? resumed_bytes(m, self) : 0;
    IoCursor cursor(to, done);
    if (cursor.left() == 0) return done;
    if (occupied(m[pipe]) > 0) {
        const bool was_full = is_full(m[pipe]) || mode.whole;
        const Moved moved = take_buffers(m, self, pipe, cursor, mode.look);
        if (!mode.look && !is_full(m[pipe])) wake_writers(m, pipe, was_full);
        if (resuming(m, self) && occupied(m[pipe]) > 0) wake_readers(m, pipe);
        done += moved.done;
        if (done == 0 && moved.fault) return EFAULT;
        if (!mode.all || moved.fault || mode.look || cursor.left() == 0) return done;
    }
    if (m[pipe].writers == 0) return done;
    const Errno stopped = waits_not(m, self, mode);
    if (stopped == Errno::none) return wait_on(m, self, QueueKind::pipe_read, pipe, done, mode);
    if (done == 0) return stopped;
    return done;
}

Outcome<> pipe_put(Machine& m, TaskId self, PipeId pipe, std::span<const IoVec> from, const PipeMode& mode)
{
    uint64_t done = resumed_bytes(m, self);
    IoCursor cursor(from, done);
    if (cursor.left() == 0) return done;

    const bool was_empty = occupied(m[pipe]) == 0;
    Errno stopped = Errno::none;
    if (m[pipe].readers > 0 && !mode.packets && !resuming(m, self)) {
        const Moved merged = merge_into_last(m, self, pipe, cursor);
        done += merged.done;
        if (merged.fault) return EFAULT;
    }
    while (cursor.left() > 0) {
        stopped = write_stops(m, self, pipe, mode, cursor.left());
        if (stopped != Errno::none || !has_room(m[pipe], mode, cursor.left())) break;
        const auto appended = append_buffers(m, self, pipe, cursor, mode);
        stopped = appended.error();
        if (!appended.ok()) break;
        done += *appended;
    }
    if (occupied(m[pipe]) > 0) wake_readers(m, pipe, was_empty);
    if (cursor.left() > 0 && stopped == Errno::none)
        return wait_on(m, self, QueueKind::pipe_write, pipe, done, mode);
    if (resuming(m, self) && !is_full(m[pipe])) wake_writers(m, pipe);
    if (done == 0 && stopped != Errno::none) return stopped;
    return done;
}

Outcome<> pipe_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to)
{
    PipeMode mode;
    mode.nonblock = m[file].flags & o_nonblock;
    const Outcome<> taken = pipe_take(m, self, m[file].pipe, to, mode);
    if (taken.ok() && taken.value() > 0) touch_atime_of(m, m[file].inode);
    return taken;
}

Outcome<> pipe_write(Machine& m, TaskId self, FileId file, std::span<const IoVec> from)
{
    PipeMode mode;
    mode.nonblock = m[file].flags & o_nonblock;
    mode.packets = m[file].flags & o_direct;
    const Outcome<> put = pipe_put(m, self, m[file].pipe, from, mode);
    if (put.ok() && put.value() > 0) touch(m, m[file].inode, touch_mtime | touch_ctime);
    return put;
}

uint32_t pipe_ready(const Machine& m, FileId file)
{
    const Pipe& pipe = m[m[file].pipe];
    const uint32_t access = m[file].flags & o_accmode;
    uint32_t ready = 0;
    if (access != o_wronly) {
        if (occupied(pipe) > 0) ready |= poll_in | poll_rdnorm;
        if (pipe.writers == 0 && m[file].value != pipe.w_counter) ready |= poll_hup;
    }
    if (access != o_rdonly) {
        if (!is_full(pipe)) ready |= poll_out | poll_wrnorm;
        if (pipe.readers == 0) ready |= poll_err;
    }
    return ready;
}

void pipe_queues(const Machine& m, FileId file, PollQueues& queues)
{
    const uint32_t access = m[file].flags & o_accmode;
    if (access != o_wronly) queues.add(queue_of(QueueKind::pipe_read, m[file].pipe.raw));
    if (access != o_rdonly) queues.add(queue_of(QueueKind::pipe_write, m[file].pipe.raw));
}

uint64_t pipe_bytes(const Machine& m, PipeId pipe)
{
    uint64_t bytes = 0;
    for (uint32_t i = m[pipe].tail; i != m[pipe].head; ++i) bytes += buffer_at(m, pipe, i).length;
    return bytes;
}

uint64_t pipe_packet(const Machine& m, PipeId pipe)
{
    uint64_t bytes = 0;
    for (uint32_t n = m[pipe].tail; n != m[pipe].head; ++n) {
        const PipeBuffer& buffer = buffer_at(m, pipe, n);
        bytes += buffer.length;
        if (!(buffer.apart & buffer_more)) break;
    }
    return bytes;
}

bool pipe_is_full(const Machine& m, PipeId pipe)
{
    return is_full(m[pipe]);
}

uint64_t pipe_room(const Machine& m, PipeId pipe)
{
    return uint64_t{m[pipe].capacity - occupied(m[pipe])} * page_size;
}

std::size_t pipe_copy_out(Machine& m, PipeId pipe, std::span<uint8_t> to, bool take)
{
    const bool was_full = is_full(m[pipe]);
    std::size_t done = 0;
    for (uint32_t i = m[pipe].tail; i != m[pipe].head && done < to.size(); ++i) {
        const PipeBuffer buffer = buffer_at(m, pipe, i);
        const std::size_t part = std::min<std::size_t>(buffer.length, to.size() - done);
        std::memcpy(to.data() + done, page_bytes(m, buffer.page) + buffer.offset, part);
        done += part;
        if (!take) continue;
        if (part == buffer.length) {
            drop_first(m, pipe);
        } else {
            PipeBuffer& rest = edit_buffer(m, pipe, i);
            rest.offset = static_cast<uint16_t>(rest.offset + part);
            rest.length = static_cast<uint16_t>(rest.length - part);
        }
    }
    if (take && !is_full(m[pipe])) wake_writers(m, pipe, was_full);
    return done;
}

std::size_t pipe_push(Machine& m, PipeId pipe, std::span<const uint8_t> bytes)
{
    std::size_t done = 0;
    while (done < bytes.size()) {
        std::size_t part = 0;
        if (occupied(m[pipe]) > 0) {
            const PipeBuffer last = buffer_at(m, pipe, m[pipe].head - 1);
            const std::size_t end = last.offset + last.length;
            part = std::min(bytes.size() - done, page_size - end);
            std::memcpy(grant_write(m, last.page) + end, bytes.data() + done, part);
            edit_buffer(m, pipe, m[pipe].head - 1).length = static_cast<uint16_t>(last.length + part);
        }
        if (part == 0) {
            part = std::min<std::size_t>(bytes.size() - done, page_size);
            if (is_full(m[pipe]) || !push_buffer(m, pipe, bytes.subspan(done, part), 0).ok()) break;
        }
        done += part;
    }
    return done;
}

Result<uint64_t> pipe_append(Machine& m, PipeId pipe, std::span<const uint8_t> bytes)
{
    NORN_ASSERT(!is_full(m[pipe]) && bytes.size() <= page_size);
    const bool was_empty = occupied(m[pipe]) == 0;
    TRY(push_buffer(m, pipe, bytes, buffer_of_file));
    wake_readers(m, pipe, was_empty);
    return uint64_t{bytes.size()};
}

Sleep pipe_sleep(PipeId pipe, bool for_room)
{
    return Sleep{queue_of(for_room ? QueueKind::pipe_write : QueueKind::pipe_read, pipe.raw)};
}

namespace {
void resize(Machine& m, PipeId pipe, uint32_t capacity)
{
    std::vector<PipeBuffer> buffers;
    for (uint32_t i = m[pipe].tail; i != m[pipe].head; ++i) buffers.push_back(buffer_at(m, pipe, i));
    free_rings(m, m[pipe].more);
    PipeRingId more;
    for (uint32_t i = ring_buffers; i < capacity; i += ring_buffers) {
        const PipeRingId ring = m.allocate<PipeRing>();
        m.edit(ring).next = more;
        more = ring;
    }
    const bool was_full = is_full(m[pipe]);
    Pipe& resized = m.edit(pipe);
    resized.ring = {};
    resized.more = more;
    resized.capacity = capacity;
    resized.tail = 0;
    resized.head = static_cast<uint32_t>(buffers.size());
    for (uint32_t i = 0; i < buffers.size(); ++i) edit_buffer(m, pipe, i) = buffers[i];
    if (was_full && !is_full(m[pipe])) wake_writers(m, pipe);
}
}  // namespace

void pipe_make_room(Machine& m, PipeId pipe, uint32_t buffers)
{
    resize(m, pipe, std::bit_ceil(std::max(buffers, occupied(m[pipe]))));
}

Result<int> set_pipe_size(Machine& m, TaskId self, PipeId pipe, uint32_t bytes)
{
    if (bytes > 1u << 31) return EINVAL;
    uint32_t capacity = 1;
    while (capacity * page_size < bytes) capacity *= 2;
    if (capacity * page_size > pipe_max_size && !capable(m, self, cap_sys_resource)) return EPERM;
    if (capacity < occupied(m[pipe])) return EBUSY;
    resize(m, pipe, capacity);
    return static_cast<int>(capacity * page_size);
}

// ---- pipe(2) -----------------------------------------------------------------------------------------

namespace {

FileId open_end(Machine& m, InodeId inode, PipeId pipe, uint32_t flags)
{
    hold_inode(m, inode);
    const FileId file = new_file(m, FileKind::pipe, inode, Path{}, flags);
    m.edit(file).pipe = pipe;
    return file;
}

struct PipeEnds {
    FileId read, write;
};

PipeEnds make_pipe(Machine& m, TaskId self, uint32_t flags)
{
    constexpr uint32_t pipefs_minor = 14;
    const uint32_t uid = m[m[self].cred].fsuid;
    const uint32_t gid = m[m[self].cred].fsgid;
    const InodeId inode =
        new_inode(m, FsKind::pipefs, InodeKind::fifo, s_ififo | 0600, make_dev(0, pipefs_minor));
    const PipeId pipe = new_pipe(m);
    Inode& made = m.edit(inode);
    made.pipe = pipe;
    made.uid = uid;
    made.gid = gid;
    const uint32_t status = flags & (o_nonblock | o_direct);
    const PipeEnds ends = {open_end(m, inode, pipe, o_rdonly | (flags & o_nonblock)),
                           open_end(m, inode, pipe, o_wronly | status)};
    put_inode(m, inode);
    Pipe& opened = m.edit(pipe);
    opened.refs = 2;
    opened.readers = opened.writers = 1;
    return ends;
}

Result<> install_pipe(Machine& m, TaskId self, UserPtr<std::array<int, 2>> fds, uint32_t flags)
{
    const PipeEnds ends = make_pipe(m, self, flags);
    const bool cloexec = flags & o_cloexec;
    const auto read = install_fd(m, self, ends.read, 0, cloexec);
    if (!read.ok()) {
        put_file(m, ends.read);
        put_file(m, ends.write);
        return read.error();
    }
    const auto write = install_fd(m, self, ends.write, 0, cloexec);
    if (!write.ok()) {
        put_file(m, ends.write);
        TRY(close_fd(m, self, *read));
        return write.error();
    }
    const auto told = put_user(m, self, fds, std::array<int, 2>{*read, *write});
    if (told.ok()) return {};
    TRY(close_fd(m, self, *read));
    TRY(close_fd(m, self, *write));
    return told;
}

}  // namespace

Result<> sys_pipe(Machine& m, TaskId self, UserPtr<std::array<int, 2>> fds)
{
    return install_pipe(m, self, fds, 0);
}

Result<> sys_pipe2(Machine& m, TaskId self, UserPtr<std::array<int, 2>> fds, int flags)
{
    const auto bits = static_cast<uint32_t>(flags);
    if (bits & ~(o_cloexec | o_nonblock | o_direct)) return EINVAL;
    return install_pipe(m, self, fds, bits);
}

}  // namespace norn
