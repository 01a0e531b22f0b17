// Making tasks: clone(2), clone3(2), fork(2), vfork(2).
#pragma once

#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

enum CloneFlag : uint64_t {
    CLONE_NEWTIME_ = 0x80,
    CLONE_VM_ = 0x100,
    CLONE_FS_ = 0x200,
    CLONE_FILES_ = 0x400,
    CLONE_SIGHAND_ = 0x800,
    CLONE_PIDFD_ = 0x1000,
    CLONE_PTRACE_ = 0x2000,
    CLONE_VFORK_ = 0x4000,
    CLONE_PARENT_ = 0x8000,
    CLONE_THREAD_ = 0x10000,
    CLONE_NEWNS_ = 0x20000,
    CLONE_SYSVSEM_ = 0x40000,
    CLONE_SETTLS_ = 0x80000,
    CLONE_PARENT_SETTID_ = 0x100000,
    CLONE_CHILD_CLEARTID_ = 0x200000,
    CLONE_DETACHED_ = 0x400000,
    CLONE_UNTRACED_ = 0x800000,
    CLONE_CHILD_SETTID_ = 0x1000000,
    CLONE_NEWCGROUP_ = 0x2000000,
    CLONE_NEWUTS_ = 0x4000000,
    CLONE_NEWIPC_ = 0x8000000,
    CLONE_NEWUSER_ = 0x10000000,
    CLONE_NEWPID_ = 0x20000000,
    CLONE_NEWNET_ = 0x40000000,
    CLONE_IO_ = 0x80000000,
    CLONE_CLEAR_SIGHAND_ = 0x100000000,
    CLONE_INTO_CGROUP_ = 0x200000000,
};

/// Norn has no namespaces but the initial ones.
inline constexpr uint64_t namespace_flags = CLONE_NEWTIME_ | CLONE_NEWNS_ | CLONE_NEWCGROUP_ | CLONE_NEWUTS_ |
                                            CLONE_NEWIPC_ | CLONE_NEWUSER_ | CLONE_NEWPID_ | CLONE_NEWNET_;

/// What a clone is asked for, whichever call asked (struct kernel_clone_args).
struct CloneArgs {
    uint64_t flags = 0;
    uint64_t pidfd = 0, child_tid = 0, parent_tid = 0;
    uint64_t stack = 0;  ///< the child's rsp; 0: the parent's
    uint64_t tls = 0;
    int exit_signal = 0;
    uint32_t set_tid = 0;  ///< the wanted number; 0: the next
};

/// Makes a task; `vfork` parents sleep until it lets their memory go. The child's number.
[[nodiscard]] Outcome<> do_clone(Machine& m, TaskId self, const CloneArgs& args);

/// A new namespace is refused as a kernel built without them refuses it. EPERM, EINVAL.
[[nodiscard]] Result<> check_namespaces(const Machine& m, TaskId self, uint64_t flags);
/// The table of descriptors is `self`'s alone from now on (unshare.cc).
void unshare_files(Machine& m, TaskId self);

/// What the first process of a machine starts from: no memory, files or parent.
struct FirstTask {
    PidId pid;
    CredId cred;  ///< takes over the reference
    FilesId files;
    FsId fs;
};
[[nodiscard]] TaskId new_first_task(Machine& m, const FirstTask& first);

}  // namespace norn
