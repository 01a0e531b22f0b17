// The start of a machine: Norn's own init, and the program that a run is of.
#include <algorithm>

#include "fs/file.h"
#include "fs/namei.h"
#include "fs/outside.h"
#include "kernel/cred.h"
#include "kernel/exec.h"
#include "kernel/exit.h"
#include "kernel/fork.h"
#include "kernel/pid.h"
#include "kernel/rlimit.h"
#include "kernel/sched.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "norn/boot.h"

namespace norn {

namespace {

constexpr uint32_t init_number = 1;

Cred root_cred()
{
    Cred cred;
    cred.cap_permitted = cred.cap_effective = cred.cap_bounding = all_capabilities;
    return cred;
}

Cred cred_of(const ProgramSpec& spec)
{
    Cred cred;
    cred.uid = cred.euid = cred.suid = cred.fsuid = spec.uid;
    cred.gid = cred.egid = cred.sgid = cred.fsgid = spec.gid;
    cred.cap_bounding = all_capabilities;
    if (spec.uid == 0) cred.cap_permitted = cred.cap_effective = all_capabilities;
    cred.group_count = static_cast<uint32_t>(std::min(spec.groups.size(), cred.groups.size()));
    std::copy_n(spec.groups.begin(), cred.group_count, cred.groups.begin());
    std::sort(cred.groups.begin(), cred.groups.begin() + cred.group_count);
    return cred;
}

FsId new_root_fs(Machine& m)
{
    const MountId mount = m.state.root_mount;
    const Path root{mount, m[mount].root};
    hold_path(m, root);
    hold_path(m, root);
    const FsId fs = m.allocate<Fs>();
    Fs& record = m.edit(fs);
    record.root = record.cwd = root;
    record.refs = 1;
    return fs;
}

/// A process at the root directory without files. The number is free: nobody runs yet.
TaskId new_bare_process(Machine& m, uint32_t number, const Cred& cred)
{
    FirstTask first;
    first.pid = *alloc_pid_number(m, number);
    first.cred = new_cred(m, cred);
    first.files = m.allocate<Files>();
    m.edit(first.files).refs = 1;
    first.fs = new_root_fs(m);
    m.state.last_pid = number;
    const TaskId task = new_first_task(m, first);
    m.edit(m[task].signal).rlimit = initial_rlimits();
    return task;
}

/// Who starts a program hands its own directory on, whether or not the program's user could enter it.
Result<> change_to(Machine& m, TaskId task, const std::string& directory)
{
    constexpr int at_fdcwd = -100;
    HeldPath place = TRY(path_at(m, m.state.init, at_fdcwd, directory));
    if ((m[place.inode()].mode & 0170000) != 0040000) return ENOTDIR;
    const Path old = m[m[task].fs].cwd;
    m.edit(m[task].fs).cwd = place.release();
    put_path(m, old);
    return {};
}

void ignore_signals(Machine& m, TaskId task, SigSet ignored)
{
    Sighand& table = m.edit(m[task].sighand);
    for (std::size_t i = 0; i < table.action.size(); ++i)
        if (ignored & ~never_blocked & sig_bit(static_cast<int>(i) + 1)) table.action[i].handler = SIG_IGN_;
}

/// Everything about the new process but its program.
Result<> furnish(Machine& m, TaskId task, const ProgramSpec& spec)
{
    m.edit(m[task].fs).umask = spec.umask & 0777;
    TRY(change_to(m, task, spec.cwd));
    ignore_signals(m, task, spec.ignored);
    TRY(outside_give(m, task));
    return exec_first(m, task, spec.path, spec.argv, spec.envp);
}

/// The program is pid 1 itself: nobody is above it.
void replace_init(Machine& m, TaskId task)
{
    const TaskId init = m.state.init;
    unlink_child(m, task);
    m.edit(task).real_parent = {};
    m.edit(task).parent = {};
    m.state.init = task;
    put_files(m, m[init].files);
    put_fs(m, m[init].fs);
    m.edit(init).files = {};
    m.edit(init).fs = {};
    release_task(m, init);
    renumber_pid(m, m[task].pid, init_number);
    m.state.last_pid = init_number;
    m.edit(m[task].signal).flags |= signal_unkillable;
}

}  // namespace

void boot(Machine& m, const BootSpec& spec)
{
    m.state.seed = spec.seed;
    m.state.realtime_offset_ns = spec.realtime_ns;
    std::copy_n(spec.hostname.data(), std::min(spec.hostname.size(), m.state.hostname.size() - 1),
                m.state.hostname.data());
    outside_setup(m, spec.streams);
    mount_initial(m);
    const TaskId init = new_bare_process(m, init_number, root_cred());
    m.edit(init).flags |= task_kernel_init;
    m.edit(init).state = TaskState::interruptible;
    m.edit(m[init].signal).flags |= signal_unkillable;
    set_comm(m, init, "norn-init");
    m.state.init = init;
}

Result<TaskId> spawn_program(Machine& m, const ProgramSpec& spec)
{
    const TaskId task = new_bare_process(m, init_number + 1, cred_of(spec));
    link_child(m, task, m.state.init);
    m.edit(task).exit_signal = SIGCHLD_;
    const Result<> furnished = furnish(m, task, spec);
    if (!furnished.ok()) {
        do_exit(m, task, 0);
        return furnished.error();
    }
    if (spec.pid1) replace_init(m, task);
    m.state.program = task;
    enqueue_task(m, task);
    return task;
}

}  // namespace norn
