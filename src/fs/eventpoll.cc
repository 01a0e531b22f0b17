// epoll(7): which of many files are ready.
//
//  E1  An item is on its epoll's list of items and on its target's list of watchers. It holds neither:
//      whichever file goes first takes it along.
//  E2  A wake-up on one of the target's queues puts the item on the ready list; epoll_wait looks whether
//      it really is ready. A level-triggered item stays on the list for as long as it is.
#include "fs/eventpoll.h"

#include <algorithm>
#include <vector>

#include "fs/abi.h"
#include "fs/eventfd.h"
#include "fs/poll.h"
#include "fs/sigmask.h"
#include "fs/syscalls.h"
#include "kernel/signal.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "kernel/wait_queue.h"
#include "lib/list.h"

namespace norn {

namespace {

enum EpollEventBit : uint32_t {
    epoll_exclusive = 1u << 28,
    epoll_wakeup = 1u << 29,
    epoll_oneshot = 1u << 30,
    epoll_et = 1u << 31,
};
constexpr uint32_t private_bits = epoll_exclusive | epoll_wakeup | epoll_oneshot | epoll_et;

enum EpollOperation : int { epoll_ctl_add = 1, epoll_ctl_del = 2, epoll_ctl_mod = 3 };

constexpr int max_nesting = 4;
constexpr int64_t ns_per_ms = 1'000'000;

/// struct epoll_event: packed on x86-64.
struct [[gnu::packed]] EpollEvent {
    uint32_t events = 0;
    uint64_t data = 0;
};
static_assert(sizeof(EpollEvent) == 12);

uint32_t item_ready(const Machine& m, TaskId self, EpollItemId item)
{
    const uint32_t wanted = m[item].events & ~private_bits;
    if (wanted == 0) return 0;
    return file_ready(m, self, m[item].target) & wanted;
}

using ReadyItems =
    List<&File::ready_first, &File::ready_last, &EpollItem::next_ready, &EpollItem::prev_ready>;
using WatchedItems = List<&File::watched, no_last, &EpollItem::next_of_epoll, &EpollItem::prev_of_epoll>;
using Watchers = List<&File::watchers, no_last, &EpollItem::next_of_target, &EpollItem::prev_of_target>;

void push_ready(Machine& m, EpollItemId item)
{
    if (m[item].ready) return;
    ReadyItems::push_back(m, m[item].epoll, item);
    m.edit(item).ready = 1;
}

void drop_ready(Machine& m, EpollItemId item)
{
    if (!m[item].ready) return;
    ReadyItems::remove(m, m[item].epoll, item);
    m.edit(item).ready = 0;
}

void wake_epoll(Machine& m, FileId epoll)
{
    wake_up(m, queue_of(QueueKind::event, epoll.raw), poll_in | poll_rdnorm);
}

void remove_item(Machine& m, EpollItemId item)
{
    drop_ready(m, item);
    while (m[item].waits) remove_wait(m, m[item].waits);
    WatchedItems::remove(m, m[item].epoll, item);
    Watchers::remove(m, m[item].target, item);
    m.free(item);
}

EpollItemId find_item(const Machine& m, FileId epoll, FileId target, int fd)
{
    for (EpollItemId at = m[target].watchers; at; at = m[at].next_of_target)
        if (m[at].epoll == epoll && m[at].fd == static_cast<uint32_t>(fd)) return at;
    return {};
}

void set_events(Machine& m, TaskId self, EpollItemId item, const EpollEvent& event)
{
    EpollItem& changed = m.edit(item);
    changed.events = event.events | poll_err | poll_hup;
    changed.data = event.data;
    if (item_ready(m, self, item)) {
        push_ready(m, item);
        wake_epoll(m, m[item].epoll);
    }
}

// Would a chain of epolls that watch each other close, or grow too long? (ELOOP)
bool reaches(const Machine& m, FileId from, FileId to, int depth)
{
    if (from == to || depth >= max_nesting) return true;
    for (EpollItemId at = m[from].watched; at; at = m[at].next_of_epoll)
        if (m[m[at].target].kind == FileKind::epoll && reaches(m, m[at].target, to, depth + 1)) return true;
    return false;
}

void add_item(Machine& m, TaskId self, FileId epoll, FileId target, int fd, const EpollEvent& event)
{
    const EpollItemId item = m.allocate<EpollItem>();
    EpollItem& made = m.edit(item);
    made.epoll = epoll;
    made.target = target;
    made.fd = static_cast<uint32_t>(fd);
    WatchedItems::push_front(m, epoll, item);
    Watchers::push_front(m, target, item);
    const PollQueues queues = file_queues(m, self, target);
    for (uint32_t i = 0; i < queues.count; ++i) add_epoll_wait(m, item, queues.queue[i], ~0u);
    if (queues.outside_input) m.edit(epoll).special = 1;
    set_events(m, self, item, event);
}

/// /dev/null and its like are always ready: they have nothing to wait for. /dev/random does.
bool always_ready(const Machine& m, FileId file)
{
    constexpr uint32_t memory_major = 1, random_minor = 8;
    const uint64_t number = m[m[file].inode].rdev;
    return m[file].kind == FileKind::device && dev_major(number) == memory_major &&
           dev_minor(number) != random_minor;
}

bool can_poll(const Machine& m, FileId file)
{
    const FileKind kind = m[file].kind;
    return kind != FileKind::regular && kind != FileKind::directory && !always_ready(m, file);
}

Result<> check_exclusive(const Machine& m, FileId target, int operation, const EpollEvent& event)
{
    constexpr uint32_t allowed =
        poll_in | poll_out | poll_err | poll_hup | epoll_wakeup | epoll_et | epoll_exclusive;
    if (operation == epoll_ctl_del || !(event.events & epoll_exclusive)) return {};
    if (operation == epoll_ctl_mod) return EINVAL;
    if (m[target].kind == FileKind::epoll || (event.events & ~allowed)) return EINVAL;
    return {};
}

// ---- Waiting -----------------------------------------------------------------------------------------

// What is ready, in the order in which it became so; each item at most once.
std::vector<EpollEvent> collect(Machine& m, TaskId self, FileId epoll, std::size_t most)
{
    std::vector<EpollEvent> events;
    const EpollItemId last = m[epoll].ready_last;
    EpollItemId at = m[epoll].ready_first;
    while (at && events.size() < most) {
        const EpollItemId next = at == last ? EpollItemId{} : m[at].next_ready;
        const uint32_t ready = item_ready(m, self, at);
        drop_ready(m, at);
        if (ready) {
            events.push_back({ready, m[at].data});
            const uint32_t wanted = m[at].events;
            if (wanted & epoll_oneshot)
                m.edit(at).events = wanted & private_bits;
            else if (!(wanted & epoll_et))
                push_ready(m, at);
        }
        at = next;
    }
    return events;
}

Outcome<> put_events(Machine& m, TaskId self, UserPtr<> to, const std::vector<EpollEvent>& events)
{
    const std::size_t size = events.size() * sizeof(EpollEvent);
    const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(events.data()), size);
    if (write_user(m, m[self].mm, to.address, bytes) != size) return EFAULT;
    return uint64_t{events.size()};
}

Outcome<> wait_for_events(Machine& m, TaskId self, FileId epoll, UserPtr<> to, int most, uint64_t deadline_ns)
{
    const std::vector<EpollEvent> events = collect(m, self, epoll, static_cast<std::size_t>(most));
    if (!events.empty()) return put_events(m, self, to, events);
    if ((resuming(m, self) && timed_out(m, self)) || monotonic_ns(m) >= deadline_ns) return uint64_t{0};
    if (signal_pending(m, self)) return EINTR;
    Sleep sleep(queue_of(QueueKind::event, epoll.raw));
    sleep.exclusive = true;
    sleep.outside_input = m[epoll].special;
    return sleep.keep(EpollKept{deadline_ns, epoll, 0}).until(deadline_ns);
}

Outcome<> do_epoll_wait(Machine& m, TaskId self, int epfd, UserPtr<> to, int most, uint64_t deadline_ns)
{
    constexpr int most_events = INT32_MAX / static_cast<int>(sizeof(EpollEvent));
    if (resuming(m, self)) {
        const auto record = kept<EpollKept>(m, self);
        const Outcome<> waited = wait_for_events(m, self, record.epoll, to, most, record.deadline_ns);
        if (!waited.sleeps()) put_file(m, record.epoll);
        return waited;
    }
    if (most <= 0 || most > most_events) return EINVAL;
    const FileId epoll = TRY(fget(m, self, epfd));
    if (m[epoll].kind != FileKind::epoll) return EINVAL;
    const Outcome<> waited = wait_for_events(m, self, epoll, to, most, deadline_ns);
    if (waited.sleeps()) hold_file(m, epoll);
    return waited;
}

uint64_t deadline_in_ms(const Machine& m, int timeout_ms)
{
    return timeout_ms < 0 ? never
                          : ktime_add_safe(monotonic_ns(m), static_cast<uint64_t>(timeout_ms * ns_per_ms));
}

Result<int> create_epoll(Machine& m, TaskId self, uint32_t flags)
{
    const FileId file = new_anon_file(m, FileKind::epoll, o_rdwr);
    return install_anon_file(m, self, file, flags & o_cloexec);
}

}  // namespace

void epoll_item_woken(Machine& m, EpollItemId item, uint32_t events)
{
    const uint32_t wanted = m[item].events & ~private_bits;
    if ((wanted & events) == 0) return;
    push_ready(m, item);
    wake_epoll(m, m[item].epoll);
}

void epoll_forget_target(Machine& m, FileId target)
{
    while (m[target].watchers) remove_item(m, m[target].watchers);
}

void epoll_release(Machine& m, FileId epoll)
{
    while (m[epoll].watched) remove_item(m, m[epoll].watched);
}

uint32_t epoll_ready(const Machine& m, TaskId self, FileId epoll)
{
    for (EpollItemId at = m[epoll].ready_first; at; at = m[at].next_ready)
        if (item_ready(m, self, at)) return poll_in | poll_rdnorm;
    return 0;
}

Result<int> sys_epoll_create(Machine& m, TaskId self, int size)
{
    if (size <= 0) return EINVAL;
    return create_epoll(m, self, 0);
}

Result<int> sys_epoll_create1(Machine& m, TaskId self, int flags)
{
    const auto bits = static_cast<uint32_t>(flags);
    if (bits & ~static_cast<uint32_t>(o_cloexec)) return EINVAL;
    return create_epoll(m, self, bits);
}

Result<> sys_epoll_ctl(Machine& m, TaskId self, int epfd, int operation, int fd, UserPtr<> event_at)
{
    EpollEvent event;
    if (operation != epoll_ctl_del) event = TRY(get_user(m, self, event_at.as<EpollEvent>()));
    const FileId epoll = TRY(fget(m, self, epfd));
    const FileId target = TRY(fget(m, self, fd));
    if (!can_poll(m, target)) return EPERM;
    if (epoll == target || m[epoll].kind != FileKind::epoll) return EINVAL;
    TRY(check_exclusive(m, target, operation, event));
    if (operation == epoll_ctl_add && m[target].kind == FileKind::epoll && reaches(m, target, epoll, 0))
        return ELOOP;
    const EpollItemId item = find_item(m, epoll, target, fd);
    switch (operation) {
        case epoll_ctl_add:
            if (item) return EEXIST;
            add_item(m, self, epoll, target, fd, event);
            return {};
        case epoll_ctl_del:
            if (!item) return ENOENT;
            remove_item(m, item);
            return {};
        case epoll_ctl_mod:
            if (!item) return ENOENT;
            if (m[item].events & epoll_exclusive) return EINVAL;
            set_events(m, self, item, event);
            return {};
        default:
            return EINVAL;
    }
}

Outcome<> sys_epoll_wait(Machine& m, TaskId self, int epfd, UserPtr<> events, int most, int timeout_ms)
{
    return do_epoll_wait(m, self, epfd, events, most, deadline_in_ms(m, timeout_ms));
}

Outcome<> sys_epoll_pwait(Machine& m, TaskId self, int epfd, UserPtr<> events, int most, int timeout_ms,
                          UserPtr<uint64_t> sigmask, uint64_t sigset_size)
{
    TRY(begin_sigmask(m, self, sigmask, sigset_size));
    return end_sigmask(m, self, do_epoll_wait(m, self, epfd, events, most, deadline_in_ms(m, timeout_ms)));
}

Outcome<> sys_epoll_pwait2(Machine& m, TaskId self, int epfd, UserPtr<> events, int most,
                           UserPtr<Timespec> timeout, UserPtr<uint64_t> sigmask, uint64_t sigset_size)
{
    uint64_t deadline = never;
    if (timeout && !resuming(m, self)) {
        const Timespec time = TRY(get_user(m, self, timeout));
        deadline = ktime_add_safe(monotonic_ns(m), TRY(timespec_ns(time)));
    }
    TRY(begin_sigmask(m, self, sigmask, sigset_size));
    return end_sigmask(m, self, do_epoll_wait(m, self, epfd, events, most, deadline));
}

}  // namespace norn
