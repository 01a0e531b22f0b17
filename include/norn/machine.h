// A machine: all of a Linux system's user-visible state, as a value.
//
// `Machine b = a;` is a snapshot, at the same cost whatever a holds. Both go on independently, on
// different host threads if wanted. Equal machines hash equal. Legal only between runs.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "norn/decider.h"
#include "norn/event.h"
#include "norn/fs.h"
#include "norn/hash.h"
#include "norn/host.h"
#include "norn/mm.h"
#include "norn/pool.h"
#include "norn/task.h"

namespace norn {

/// What a machine is built with; part of the value.
struct MachineLimits {
    uint64_t memory_pages = (4ull << 30) / 4096;  ///< pages of guest memory and file contents together
    uint32_t cpus = 2;
    uint32_t pid_max = 4'194'304;
    uint32_t max_tasks = 4'194'304;
    uint32_t unused = 0;
    NORN_FIELDS(memory_pages, cpus, pid_max, max_tasks, unused)
};

/// A simulated processor.
struct Processor {
    uint64_t clock_ns = 0;    ///< its own time; the earliest processor that has work runs
    uint64_t slice_left = 0;  ///< instructions until `current` must let others in
    TaskId current;           ///< who runs here; not on the run queue
    TaskId last;              ///< who ran here last; may be gone
    uint32_t choices = 0;     ///< asked on its own behalf, when no task left it
    uint8_t spare = 0;        ///< instructions run that do not make up a nanosecond yet
    uint8_t sliced = 0;       ///< the length of this slice was chosen, since others could run
    uint16_t calls_left = 0;  ///< the slice ends before so many system calls more; 0: takes no heed of them
    NORN_FIELDS(clock_ns, slice_left, current, last, choices, spare, sliced, calls_left)
};

/// A standard stream of the outside (fs/outside.h).
struct OutsideStream {
    uint64_t arrived = 0;   ///< input: bytes that came, from a file's start if it is a file
    uint64_t consumed = 0;  ///< input: how far the program has read; output: bytes written
    InodeId inode;          ///< none: a terminal, or /dev/null
    uint8_t kind = 0;       ///< StreamKind
    uint8_t state = 0;      ///< OutsideState
    uint8_t same_as = 255;  ///< StreamSetup::same_as
    uint8_t unused = 0;
    uint64_t open_flags = 0;
    NORN_FIELDS(arrived, consumed, inode, kind, state, same_as, unused, open_flags)
};

/// Everything that is not in a pool. Hashed and saved as it stands.
struct MachineState {
    MachineLimits limits;
    uint64_t now_ns = 0;             ///< monotonic virtual time
    int64_t realtime_offset_ns = 0;  ///< CLOCK_REALTIME minus monotonic
    uint64_t seed = 0;
    uint64_t retired = 0;  ///< guest instructions of all tasks
    uint64_t timer_sequence = 0;
    uint64_t next_ino = 0;
    uint64_t next_space = 1;
    uint64_t committed_pages = 0;
    uint64_t used_pages = 0;  ///< pages with contents
    uint64_t total_forks = 0;
    uint64_t context_switches = 0;
    uint64_t min_vruntime = 0;      ///< no runnable task is far behind it
    uint64_t rt_sequence = 0;       ///< order of real-time tasks on the run queue
    uint64_t program_ended_ns = 0;  ///< when PROGRAM ended
    std::array<Processor, 64> processors{};
    std::array<OutsideStream, 3> outside{};
    TaskId init;       ///< pid 1: adopts orphans
    TaskId run_queue;  ///< root of the pairing heap of runnable tasks
    TimerId timers;    ///< root of the pairing heap of deadlines
    NodeId pids;       ///< number → Pid
    NodeId futexes;    ///< hash → FutexQueue
    MountId root_mount, first_mount;
    WaitQueue outside_wait;  ///< QueueKind::outside
    TaskId program;          ///< what the run is of; its end ends the run
    TtyId console;
    uint32_t last_pid = 0;
    uint32_t task_count = 0;  ///< threads, zombies included
    uint32_t thread_groups = 0;
    uint32_t next_mount_number = 0;
    uint32_t overcommit = 0;        ///< vm.overcommit_memory
    uint32_t runnable = 0;          ///< tasks on the run queue
    uint32_t outside_sleepers = 0;  ///< tasks that sleep on input that may still come
    uint32_t futex_buckets = 0;
    uint32_t turn = 0;         ///< 1 + the processor in the middle of a slice; 0: none is
    uint32_t pi_futexes = 0;   ///< futex queues of LOCK_PI waiters
    uint32_t async_files = 0;  ///< open files with O_ASYNC
    SignalId oom_victim;       ///< killed for its memory last; may be gone
    UserId first_user;
    std::array<char, 64> hostname{};
    std::array<char, 64> domainname{};
    uint32_t program_status = 0;  ///< as wait4 gives it, once `program_ended`
    uint16_t program_ended = 0;
    uint16_t cpu_time_limited = 0;  ///< some process had a timer or a limit on processor time
    NORN_FIELDS(limits, now_ns, realtime_offset_ns, seed, retired, timer_sequence, next_ino, next_space,
                committed_pages, used_pages, total_forks, context_switches, min_vruntime, rt_sequence,
                program_ended_ns, processors, outside, init, run_queue, timers, pids, futexes, root_mount,
                first_mount, outside_wait, program, console, last_pid, task_count, thread_groups,
                next_mount_number, overcommit, runnable, outside_sleepers, futex_buckets, turn, pi_futexes,
                async_files, oom_victim, first_user, hostname, domainname, program_status, program_ended,
                cpu_time_limited)
};

// Every pool of a machine: the type of its records and the member that holds them.
// clang-format off
#define NORN_POOLS(X) \
    X(Task, tasks) \
    X(Signal, signals) \
    X(Sighand, sighands) \
    X(Pid, pid_records) \
    X(Cred, creds) \
    X(User, users) \
    X(SigQueue, sigqueues) \
    X(Timer, timer_records) \
    X(WaitEntry, waits) \
    X(Kept, kepts) \
    X(FpuChunk, fpu_chunks) \
    X(FutexQueue, futex_queues) \
    X(Mm, mms) \
    X(Vma, vmas) \
    X(Node, nodes) \
    X(Page, pages) \
    X(Text, texts) \
    X(Inode, inodes) \
    X(Dentry, dentries) \
    X(Mount, mounts) \
    X(File, files) \
    X(Files, files_tables) \
    X(Fs, fses) \
    X(Pipe, pipes) \
    X(PipeRing, pipe_rings) \
    X(FileLock, file_locks) \
    X(EpollItem, epoll_items) \
    X(Tty, ttys)
// clang-format on

/// A change of mappings that an engine must hear of before it runs this machine again.
struct SpaceNotice {
    /// `invalidate_all`: contents of a file that any space may map moved; all reads, writes and code of
    /// all spaces are to be looked up again.
    enum class Kind : uint8_t { invalidate, copied, recheck_code, forget, invalidate_all };
    Kind kind = Kind::invalidate;
    uint64_t space = 0;
    uint64_t start = 0, end = 0;  ///< for `copied`: `start` is the space that is the copy
};

class Machine {
  public:
    explicit Machine(const MachineLimits& limits = {});
    Machine(const Machine& other);
    Machine(Machine&& other) noexcept;
    Machine& operator=(Machine other) noexcept;
    ~Machine();

    /// `m[id]` looks. The reference does not survive an edit or allocation in the same pool.
    template <class T>
    const T& operator[](Id<T> id) const
    {
        return pool<T>()[id];
    }
    /// The same; null if the id names nothing alive.
    template <class T>
    [[nodiscard]] const T* look(Id<T> id) const
    {
        return pool<T>().look(id);
    }
    /// `m.edit(id)` changes. Every change of a kernel object passes here.
    template <class T>
    T& edit(Id<T> id)
    {
        return pool<T>().edit(id, epoch_);
    }
    template <class T>
    [[nodiscard]] Id<T> allocate()
    {
        return pool<T>().allocate(epoch_);
    }
    /// A new record that is a copy of one that is in no pool.
    template <class T>
    [[nodiscard]] Id<T> allocate(const T& from)
    {
        return pool<T>().allocate(epoch_, from);
    }
    /// A new record that is a copy of another's.
    template <class T>
    [[nodiscard]] Id<T> allocate_like(Id<T> other)
    {
        return pool<T>().allocate_like(epoch_, other);
    }
    template <class T>
    void free(Id<T> id)
    {
        pool<T>().free(id, epoch_);
    }
    template <class T>
    [[nodiscard]] bool alive(Id<T> id) const
    {
        return pool<T>().alive(id);
    }
    template <class T>
    Pool<T>& pool();
    template <class T>
    const Pool<T>& pool() const
    {
        return const_cast<Machine*>(this)->pool<T>();
    }

    /// What is not in a pool. Non-const access voids the machine's hash as every edit does.
    MachineState state;

    /// Hash of everything that the machine's future depends on.
    [[nodiscard]] Hash hash() const;
    [[nodiscard]] Epoch epoch() const { return epoch_; }

    /// The files below the overlay. Shared by all copies; not part of the value but for what it touched.
    std::shared_ptr<RootView> root;

    // Lent for the time of a run; null outside. The value does not depend on them.
    Decider* decider = nullptr;
    ChoiceSet open_choices = all_choices;  ///< all others are not asked: their answer is 0
    Host* host = nullptr;
    Events* events = nullptr;
    EventSet wanted_events = 0;  ///< by `events`
    /// Vector state of the task that runs: it is in no record until another task runs (kernel/fpu.h).
    x86::Fpu* live_fpu = nullptr;
    TaskId live_fpu_task;
    /// For the engine; drained before guest code runs.
    std::vector<SpaceNotice> notices;
    /// Bytes that the present system call has copied, made and given back, as far as they cost time.
    uint64_t call_bytes = 0;

  private:
#define NORN_POOL_MEMBER(type, name) Pool<type> name##_;
    NORN_POOLS(NORN_POOL_MEMBER)
#undef NORN_POOL_MEMBER
    mutable Epoch epoch_;
};

// NOLINTBEGIN(bugprone-macro-parentheses): this & is of a reference
#define NORN_POOL_OF(type, name)             \
    template <>                              \
    inline Pool<type>& Machine::pool<type>() \
    {                                        \
        return name##_;                      \
    }
// NOLINTEND(bugprone-macro-parentheses)
NORN_POOLS(NORN_POOL_OF)
#undef NORN_POOL_OF

}  // namespace norn
