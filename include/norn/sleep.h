// Why a system call sleeps. There are no kernel stacks: a handler that cannot go on returns a Sleep,
// the dispatcher parks the task, and on wake-up the handler is entered again from the top with what
// it asked to keep.
//
// S1  A wait entry is on exactly one queue, and on exactly one task's list of waits.
// S2  A task with waits is not runnable; waking it takes all its waits and its deadline away first.
// S3  Waits look again after a wake-up, except hand-offs (futex, vfork), whose waker has already
//     stored the result in the task (`Task::handed`).
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "norn/fields.h"

namespace norn {

/// The tasks that wait for one thing. Lives inside the object that is waited for.
struct WaitQueue {
    WaitId first, last;
    NORN_FIELDS(first, last)
};

/// Which WaitQueue of which kind of object.
enum class QueueKind : uint8_t {
    none,
    child,       ///< Signal: a child changed state (wait_chldexit)
    vfork,       ///< Task: the vfork child gave back our memory
    futex,       ///< FutexQueue
    signal,      ///< Task: nothing but a signal ends it (pause, sigsuspend, sigtimedwait)
    stopped,     ///< Task: until SIGCONT or SIGKILL
    exec_alone,  ///< Signal: exec waits to be the only thread
    pipe_read,   ///< Pipe: something to read, or no writer is left
    pipe_write,  ///< Pipe: room to write, or no reader is left
    pipe_open,   ///< Pipe: the other end of a FIFO opens
    file_lock,   ///< Inode: a lock was released
    tty,         ///< Tty: input, or the foreground changed
    outside,     ///< Machine: input from outside arrived
    event,       ///< File: eventfd, timerfd, signalfd, pidfd, epoll became ready
    pidfd,       ///< Pid: its task ended
};

struct QueueRef {
    QueueKind kind = QueueKind::none;
    std::array<uint8_t, 3> unused{};
    uint32_t object = 0;  ///< raw id in the pool that `kind` tells
    NORN_FIELDS(kind, unused, object)
    friend bool operator==(const QueueRef&, const QueueRef&) = default;
};

/// What may end a sleep before its event: sched(7) states S, D (killable) and D.
enum class SleepMode : uint8_t { interruptible, killable, uninterruptible };

inline constexpr uint64_t never = UINT64_MAX;

/// What a handler keeps over a sleep: any plain record of at most this many bytes.
inline constexpr std::size_t kept_bytes = 96;

struct Sleep {
    SleepMode mode = SleepMode::interruptible;
    bool exclusive = false;      ///< a wake-up of one wakes at most one exclusive waiter
    bool outside_input = false;  ///< input from outside can end it, so this is no deadlock
    uint8_t kept_size = 0;
    uint32_t events = ~0u;         ///< poll events this wait cares for
    QueueRef queue;                ///< none: only the waits already added, a signal, or the deadline
    uint64_t deadline_ns = never;  ///< monotonic virtual time
    std::array<uint8_t, kept_bytes> kept{};

    Sleep() = default;
    explicit Sleep(QueueRef on, SleepMode how = SleepMode::interruptible) : mode(how), queue(on) {}

    /// The same sleep, keeping `record` for the re-entry.
    template <class T>
    Sleep& keep(const T& record)
    {
        static_assert(std::has_unique_object_representations_v<T>, "what is kept has no padding");
        static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= kept_bytes);
        kept_size = sizeof(T);
        std::memcpy(kept.data(), &record, sizeof(T));
        return *this;
    }
    Sleep& until(uint64_t when_ns)
    {
        deadline_ns = when_ns;
        return *this;
    }
};

/// An entry of a wait queue.
struct WaitEntry {
    QueueRef queue;
    TaskId task;            ///< who sleeps; none for an epoll item
    EpollItemId epoll;      ///< which item to mark ready; none for a task
    WaitId next, prev;      ///< in the queue
    WaitId next_of_owner;   ///< in the task's or item's list
    uint32_t events = ~0u;  ///< wake only for these poll events
    uint32_t exclusive = 0;
    NORN_FIELDS(queue, task, epoll, next, prev, next_of_owner, events, exclusive)
};

/// What a sleeping call keeps.
struct Kept {
    std::array<uint8_t, kept_bytes> bytes{};
    NORN_FIELDS(bytes)
};

}  // namespace norn
