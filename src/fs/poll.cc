// poll(2), ppoll(2), select(2), pselect(2).
//
// A call that finds nothing ready puts itself on the queues of all its files and sleeps; a wake-up takes
// it off all of them and it looks again.
#include "fs/poll.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include "fs/abi.h"
#include "fs/eventfd.h"
#include "fs/eventpoll.h"
#include "fs/pipe.h"
#include "fs/sigmask.h"
#include "fs/socket.h"
#include "fs/syscalls.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "kernel/wait_queue.h"

namespace norn {

namespace {

constexpr uint32_t always_ready = poll_in | poll_out | poll_rdnorm | poll_wrnorm;
constexpr uint32_t always_told = poll_err | poll_hup | poll_nval;
constexpr int64_t ns_per_ms = 1'000'000, ns_per_us = 1'000, ns_per_s = 1'000'000'000;
constexpr int64_t us_per_s = 1'000'000, ms_per_s = 1'000;

/// When a call's timeout ends, in Linux's seconds: what of them is left is told even where ns cannot hold it.
struct PollEnd {
    Timespec at;
    uint64_t timed = 0;  ///< 0: there is none

    [[nodiscard]] uint64_t deadline_ns() const { return timed ? timespec_ns(at).value() : never; }
};

struct Watched {
    FileId file;
    uint32_t interest = 0;
};

Result<PollEnd> end_after(const Machine& m, const Timespec& duration)
{
    TRY(timespec_ns(duration));
    const Timespec now = to_timespec(monotonic_ns(m));
    const int64_t nsec = now.nsec + duration.nsec;
    int64_t sec = 0;
    if (__builtin_add_overflow(now.sec + nsec / ns_per_s, duration.sec, &sec))
        return PollEnd{{std::numeric_limits<int64_t>::max(), 0}, 1};
    return PollEnd{{sec, nsec % ns_per_s}, 1};
}

// The end of a call: what it kept, or what its timeout says now.
Result<PollEnd> end_of(Machine& m, TaskId self, UserPtr<Timespec> timeout)
{
    if (resuming(m, self)) return kept<PollEnd>(m, self);
    if (!timeout) return PollEnd{};
    return end_after(m, TRY(get_user(m, self, timeout)));
}

Sleep sleep_on_all(Machine& m, TaskId self, std::span<const Watched> files, const PollEnd& end)
{
    Sleep sleep;
    for (const Watched& watched : files) {
        const PollQueues queues = file_queues(m, self, watched.file);
        for (uint32_t i = 0; i < queues.count; ++i)
            add_wait(m, self, queues.queue[i], watched.interest | always_told);
        sleep.outside_input |= queues.outside_input;
    }
    return sleep.keep(end).until(end.deadline_ns());
}

bool is_over(const Machine& m, TaskId self, const PollEnd& end)
{
    return (resuming(m, self) && timed_out(m, self)) || monotonic_ns(m) >= end.deadline_ns();
}

Timespec time_left(const Machine& m, const PollEnd& end)
{
    if (end.deadline_ns() <= monotonic_ns(m)) return {};
    const Timespec now = to_timespec(monotonic_ns(m));
    const int64_t borrowed = end.at.nsec < now.nsec ? 1 : 0;
    return {end.at.sec - now.sec - borrowed, end.at.nsec - now.nsec + borrowed * ns_per_s};
}

// How much is left of a timeout, for those calls that tell (select(2)).
void put_time_left(Machine& m, TaskId self, UserPtr<Timespec> to, const PollEnd& end)
{
    if (!to || !end.timed) return;
    // Memory that cannot be written leaves the timeout as it is; the call has its result all the same.
    static_cast<void>(put_user(m, self, to, time_left(m, end)));
}

// ---- poll ------------------------------------------------------------------------------------------

struct PollFd {
    int fd = -1;
    uint16_t events = 0, revents = 0;
};

Result<std::vector<PollFd>> get_poll_fds(Machine& m, TaskId self, UserPtr<PollFd> from, uint32_t count)
{
    if (count > rlimit(m, self, rlimit_nofile).soft) return EINVAL;
    std::vector<PollFd> fds(count);
    const std::span<uint8_t> bytes(reinterpret_cast<uint8_t*>(fds.data()), count * sizeof(PollFd));
    if (read_user(m, m[self].mm, from.address, bytes) != bytes.size()) return EFAULT;
    return fds;
}

// Fills `revents` in; returns how many are not zero, and what to watch if none is.
uint64_t look_at(const Machine& m, TaskId self, std::vector<PollFd>& fds, std::vector<Watched>& watched)
{
    uint64_t ready = 0;
    for (PollFd& entry : fds) {
        entry.revents = 0;
        if (entry.fd < 0) continue;
        const auto file = fget(m, self, entry.fd);
        if (file.ok()) {
            const uint32_t events = file_ready(m, self, *file) & (entry.events | always_told);
            entry.revents = static_cast<uint16_t>(events);
            watched.push_back({*file, entry.events});
        } else {
            entry.revents = poll_nval;
        }
        ready += entry.revents != 0;
    }
    return ready;
}

Outcome<> do_poll(Machine& m, TaskId self, UserPtr<PollFd> user_fds, uint32_t count, const PollEnd& end,
                  Errno interrupted)
{
    std::vector<PollFd> fds = TRY(get_poll_fds(m, self, user_fds, count));
    std::vector<Watched> watched;
    const uint64_t ready = look_at(m, self, fds, watched);
    if (ready == 0 && !is_over(m, self, end)) {
        if (signal_pending(m, self)) return interrupted;
        return sleep_on_all(m, self, watched, end);
    }
    for (uint32_t i = 0; i < count; ++i) {
        const UserPtr<uint16_t> revents{(user_fds + i).address + offsetof(PollFd, revents)};
        TRY(put_user(m, self, revents, fds[i].revents));
    }
    return ready;
}

// ---- select ----------------------------------------------------------------------------------------

using FdSet = std::vector<uint64_t>;

constexpr std::array<uint32_t, 3> select_events = {
    poll_rdnorm | poll_rdband | poll_in | poll_hup | poll_err,
    poll_wrband | poll_wrnorm | poll_out | poll_err,
    poll_pri,
};

struct FdSets {
    std::array<UserPtr<uint64_t>, 3> user;
    std::array<FdSet, 3> set;
};

Result<> get_fd_sets(Machine& m, TaskId self, uint32_t count, FdSets& sets)
{
    for (std::size_t i = 0; i < 3; ++i) {
        FdSet& set = sets.set[i];
        set.assign((count + 63) / 64, 0);
        if (!sets.user[i]) continue;
        const std::span<uint8_t> bytes(reinterpret_cast<uint8_t*>(set.data()), set.size() * 8);
        if (read_user(m, m[self].mm, sets.user[i].address, bytes) != bytes.size()) return EFAULT;
    }
    return {};
}

Result<> put_fd_sets(Machine& m, TaskId self, const FdSets& sets)
{
    for (std::size_t i = 0; i < 3; ++i) {
        if (!sets.user[i]) continue;
        const FdSet& set = sets.set[i];
        const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(set.data()), set.size() * 8);
        if (write_user(m, m[self].mm, sets.user[i].address, bytes) != bytes.size()) return EFAULT;
    }
    return {};
}

bool has_bit(const FdSet& set, uint32_t fd)
{
    return set[fd / 64] >> (fd % 64) & 1;
}

// Leaves only ready descriptors in the sets. EBADF for one that is not open.
Result<uint64_t> select_look(const Machine& m, TaskId self, uint32_t count, FdSets& sets,
                             std::vector<Watched>& watched)
{
    uint64_t ready = 0;
    for (uint32_t fd = 0; fd < count; ++fd) {
        uint32_t interest = 0;
        for (std::size_t i = 0; i < 3; ++i)
            if (has_bit(sets.set[i], fd)) interest |= select_events[i];
        if (interest == 0) continue;
        const FileId file = TRY(fget(m, self, static_cast<int>(fd)));
        const uint32_t events = file_ready(m, self, file);
        watched.push_back({file, interest});
        for (std::size_t i = 0; i < 3; ++i) {
            if (!has_bit(sets.set[i], fd)) continue;
            if (events & select_events[i])
                ++ready;
            else
                sets.set[i][fd / 64] &= ~(1ull << (fd % 64));
        }
    }
    return ready;
}

// No descriptor from here on can be open.
uint32_t descriptor_bound(const Machine& m, TaskId self, int count)
{
    const uint32_t table = std::max<uint32_t>(64, (m[m[self].files].highest + 63) / 64 * 64);
    return std::min(static_cast<uint32_t>(count), table);
}

Outcome<> do_select(Machine& m, TaskId self, int count, FdSets& sets, const PollEnd& end)
{
    if (count < 0) return EINVAL;
    const uint32_t bound = descriptor_bound(m, self, count);
    TRY(get_fd_sets(m, self, bound, sets));
    std::vector<Watched> watched;
    const uint64_t ready = TRY(select_look(m, self, bound, sets, watched));
    if (ready == 0 && !is_over(m, self, end)) {
        if (signal_pending(m, self)) return ERESTARTNOHAND;
        return sleep_on_all(m, self, watched, end);
    }
    TRY(put_fd_sets(m, self, sets));
    return ready;
}

}  // namespace

uint32_t file_ready(const Machine& m, TaskId self, FileId file)
{
    switch (m[file].kind) {
        case FileKind::pipe:
            return pipe_ready(m, file);
        case FileKind::socket:
            return socket_ready(m, file);
        case FileKind::epoll:
            return epoll_ready(m, self, file);
        case FileKind::eventfd:
        case FileKind::signalfd:
        case FileKind::timerfd:
        case FileKind::pidfd:
            return event_ready(m, self, file);
        case FileKind::device:
        case FileKind::tty:
        case FileKind::ptmx:
        case FileKind::outside:
            return special_ready(m, file);
        case FileKind::regular:
        case FileKind::directory:
        case FileKind::proc:
        case FileKind::sys:
            return always_ready;
        case FileKind::path:
            break;
    }
    return poll_nval;
}

PollQueues file_queues(const Machine& m, TaskId self, FileId file)
{
    PollQueues queues;
    switch (m[file].kind) {
        case FileKind::pipe:
            pipe_queues(m, file, queues);
            break;
        case FileKind::socket:
            socket_queues(m, file, queues);
            break;
        case FileKind::epoll:
        case FileKind::eventfd:
        case FileKind::signalfd:
        case FileKind::timerfd:
        case FileKind::pidfd:
            event_queues(m, self, file, queues);
            break;
        case FileKind::device:
        case FileKind::tty:
        case FileKind::ptmx:
        case FileKind::outside:
            special_queues(m, file, queues);
            break;
        default:
            break;
    }
    return queues;
}

Outcome<> sys_poll(Machine& m, TaskId self, UserPtr<> fds, uint32_t count, int timeout_ms)
{
    PollEnd end;
    if (resuming(m, self))
        end = kept<PollEnd>(m, self);
    else if (timeout_ms >= 0)
        end = TRY(end_after(m, {timeout_ms / ms_per_s, timeout_ms % ms_per_s * ns_per_ms}));
    return do_poll(m, self, fds.as<PollFd>(), count, end, ERESTART_RESTARTBLOCK);
}

Outcome<> sys_ppoll(Machine& m, TaskId self, UserPtr<> fds, uint32_t count, UserPtr<Timespec> timeout,
                    UserPtr<uint64_t> sigmask, uint64_t sigset_size)
{
    const PollEnd end = TRY(end_of(m, self, timeout));
    TRY(begin_sigmask(m, self, sigmask, sigset_size));
    const Outcome<> polled = do_poll(m, self, fds.as<PollFd>(), count, end, ERESTARTNOHAND);
    if (!polled.sleeps()) put_time_left(m, self, timeout, end);
    return end_sigmask(m, self, polled);
}

Outcome<> sys_select(Machine& m, TaskId self, int count, UserPtr<uint64_t> in, UserPtr<uint64_t> out,
                     UserPtr<uint64_t> except, UserPtr<Timeval> timeout)
{
    PollEnd end;
    if (resuming(m, self)) {
        end = kept<PollEnd>(m, self);
    } else if (timeout) {
        // Microseconds carry, either way, and Linux lets the sum wrap.
        const Timeval time = TRY(get_user(m, self, timeout));
        const auto carried = static_cast<uint64_t>(time.usec / us_per_s);
        const auto sec = static_cast<int64_t>(static_cast<uint64_t>(time.sec) + carried);
        end = TRY(end_after(m, {sec, time.usec % us_per_s * ns_per_us}));
    }
    FdSets sets{{in, out, except}, {}};
    const Outcome<> selected = do_select(m, self, count, sets, end);
    if (!selected.sleeps() && timeout && end.timed) {
        const Timespec left = time_left(m, end);
        static_cast<void>(put_user(m, self, timeout, Timeval{left.sec, left.nsec / ns_per_us}));
    }
    return selected;
}

Outcome<> sys_pselect6(Machine& m, TaskId self, int count, UserPtr<uint64_t> in, UserPtr<uint64_t> out,
                       UserPtr<uint64_t> except, UserPtr<Timespec> timeout,
                       UserPtr<std::array<uint64_t, 2>> mask_and_size)
{
    std::array<uint64_t, 2> mask{};
    if (mask_and_size) mask = TRY(get_user(m, self, mask_and_size));
    const PollEnd end = TRY(end_of(m, self, timeout));
    TRY(begin_sigmask(m, self, UserPtr<uint64_t>{mask[0]}, mask[1]));
    FdSets sets{{in, out, except}, {}};
    const Outcome<> selected = do_select(m, self, count, sets, end);
    if (!selected.sleeps()) put_time_left(m, self, timeout, end);
    return end_sigmask(m, self, selected);
}

}  // namespace norn
