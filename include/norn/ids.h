// Typed names of kernel objects.
//
// Kernel objects live in pools and name each other by these ids, never by address. An id is 26 bits
// of slot number and 6 bits of generation; the generation catches use after free in every build and
// is masked out of the machine's hash, since it depends on history and not on what is alive.
#pragma once

#include <compare>
#include <cstdint>

namespace norn {

inline constexpr uint32_t id_index_bits = 26;
inline constexpr uint32_t id_index_mask = (1u << id_index_bits) - 1;

/// Names an object in the pool of `T`. The zero id names nothing.
template <class T>
struct Id {
    using object = T;
    uint32_t raw = 0;

    [[nodiscard]] constexpr uint32_t index() const { return raw & id_index_mask; }
    [[nodiscard]] constexpr uint32_t generation() const { return raw >> id_index_bits; }
    constexpr explicit operator bool() const { return raw != 0; }
    friend constexpr bool operator==(Id, Id) = default;
    friend constexpr auto operator<=>(Id, Id) = default;
};

// Tasks
struct Task;
struct Signal;
struct Sighand;
struct Pid;
struct Cred;
struct User;
struct SigQueue;
struct Timer;
struct WaitEntry;
struct Kept;
struct FpuChunk;
struct FutexQueue;
// Memory
struct Mm;
struct Vma;
struct Node;
struct Page;
// Files
struct Text;
struct Inode;
struct Dentry;
struct Mount;
struct File;
struct Files;
struct Fs;
struct Pipe;
struct PipeRing;
struct FileLock;
struct EpollItem;
struct Tty;

using TaskId = Id<Task>;          ///< a thread (Linux: task_struct)
using SignalId = Id<Signal>;      ///< a thread group (signal_struct)
using SighandId = Id<Sighand>;    ///< a table of signal actions (sighand_struct)
using PidId = Id<Pid>;            ///< a number and what bears it (struct pid)
using CredId = Id<Cred>;          ///< credentials (struct cred)
using UserId = Id<User>;          ///< what a real user id is charged for (user_struct)
using SigQueueId = Id<SigQueue>;  ///< a queued signal (struct sigqueue)
using TimerId = Id<Timer>;        ///< an armed deadline
using WaitId = Id<WaitEntry>;     ///< a task or watcher in a wait queue
using KeptId = Id<Kept>;          ///< what a sleeping system call keeps until it is entered again
using FpuId = Id<FpuChunk>;       ///< packed vector state
using FutexId = Id<FutexQueue>;   ///< the waiters of one futex word
using MmId = Id<Mm>;              ///< an address space (mm_struct)
using VmaId = Id<Vma>;            ///< a mapping, a node of the tree of an Mm (vm_area_struct)
using NodeId = Id<Node>;          ///< a node of a persistent radix tree
using PageId = Id<Page>;          ///< a page of guest memory or file data
using TextId = Id<Text>;          ///< a piece of a string of any length
using InodeId = Id<Inode>;
using DentryId = Id<Dentry>;
using MountId = Id<Mount>;
using FileId = Id<File>;    ///< an open file description (struct file)
using FilesId = Id<Files>;  ///< a descriptor table (files_struct)
using FsId = Id<Fs>;        ///< root, working directory, umask (fs_struct)
using PipeId = Id<Pipe>;
using PipeRingId = Id<PipeRing>;  ///< buffers of a pipe beyond the first 16
using FileLockId = Id<FileLock>;
using EpollItemId = Id<EpollItem>;
using TtyId = Id<Tty>;

}  // namespace norn
