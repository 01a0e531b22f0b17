// Making tasks (fork.c). First everything that can be refused, in Linux's order; then what can fail
// (memory, number, descriptor) is reserved; then the task is made, which cannot fail.
#include "kernel/fork.h"

#include "fs/file.h"
#include "kernel/cred.h"
#include "kernel/fpu.h"
#include "kernel/oom.h"
#include "kernel/pid.h"
#include "kernel/pidfd.h"
#include "kernel/rlimit.h"
#include "kernel/sched.h"
#include "kernel/signal.h"
#include "kernel/syscalls_life.h"
#include "kernel/task.h"
#include "kernel/wait_queue.h"
#include "mm/mmap.h"
#include "mm/usercopy.h"
#include "x86/engine.h"

namespace norn {

namespace {

constexpr int CAP_CHECKPOINT_RESTORE_ = 40;
constexpr uint64_t exit_signal_mask = 0xff;

/// A well-mixed function of two words: lineages of different paths differ.
uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t z = a + 0x9e3779b97f4a7c15ull * (b + 1);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

bool has_all(uint64_t flags, uint64_t wanted)
{
    return (flags & wanted) == wanted;
}

Result<> check_flags(const Machine& m, TaskId self, uint64_t flags)
{
    if (has_all(flags, CLONE_NEWNS_ | CLONE_FS_) || has_all(flags, CLONE_NEWUSER_ | CLONE_FS_)) return EINVAL;
    if ((flags & CLONE_THREAD_) && !(flags & CLONE_SIGHAND_)) return EINVAL;
    if ((flags & CLONE_SIGHAND_) && !(flags & CLONE_VM_)) return EINVAL;
    if ((flags & CLONE_PARENT_) && (m[m[self].signal].flags & signal_unkillable)) return EINVAL;
    if ((flags & CLONE_THREAD_) && (flags & (CLONE_NEWUSER_ | CLONE_NEWPID_))) return EINVAL;
    if (has_all(flags, CLONE_PIDFD_ | CLONE_DETACHED_)) return EINVAL;
    return {};
}

Result<> check_limits(Machine& m, TaskId self)
{
    const bool exempt = m[user_of(m, self)].uid == 0 || capable(m, self, CAP_SYS_RESOURCE_) ||
                        capable(m, self, CAP_SYS_ADMIN_);
    if (!exempt && m[user_of(m, self)].processes + 1ull > rlimit(m, self, RLIMIT_NPROC).soft) return EAGAIN;
    if (m.state.task_count >= m.state.limits.max_tasks) return EAGAIN;
    // Looked at now and then, since it takes longer than the rest.
    if (m.state.task_count % 64 == 0 && kernel_memory_full(m)) return ENOMEM;
    switch (choose(m, self, ChoiceKind::clone_fault, 3)) {
        case 1:
            return EAGAIN;
        case 2:
            return ENOMEM;
        default:
            return {};
    }
}

/// What may fail, done ahead of the task itself.
struct Reserved {
    MmId mm;
    FilesId files;
    PidId pid;
};

void give_back(Machine& m, const Reserved& reserved)
{
    if (reserved.pid) discard_pid(m, reserved.pid);
    put_files(m, reserved.files);
    put_mm(m, reserved.mm);
}

Result<MmId> share_or_copy_mm(Machine& m, TaskId self, uint64_t flags)
{
    const MmId mm = m[self].mm;
    if (!(flags & CLONE_VM_)) return copy_mm(m, mm);
    ++m.edit(mm).users;
    return mm;
}

FilesId share_or_copy_files(Machine& m, TaskId self, uint64_t flags)
{
    const FilesId files = m[self].files;
    if (!(flags & CLONE_FILES_)) return copy_files(m, files);
    ++m.edit(files).refs;
    return files;
}

Result<PidId> reserve_pid(Machine& m, TaskId self, uint32_t wanted)
{
    if (wanted == 0) return alloc_pid(m, self);
    if (wanted >= m.state.limits.pid_max) return EINVAL;
    if (!capable(m, self, CAP_SYS_ADMIN_) && !capable(m, self, CAP_CHECKPOINT_RESTORE_)) return EPERM;
    return alloc_pid_number(m, wanted);
}

Result<Reserved> reserve(Machine& m, TaskId self, const CloneArgs& args)
{
    Reserved reserved;
    reserved.mm = TRY(share_or_copy_mm(m, self, args.flags));
    reserved.files = share_or_copy_files(m, self, args.flags);
    const Result<PidId> pid = reserve_pid(m, self, args.set_tid);
    if (!pid.ok()) {
        give_back(m, reserved);
        return pid.error();
    }
    reserved.pid = *pid;
    if (!(args.flags & CLONE_PIDFD_)) return reserved;
    hold_pid(m, reserved.pid);  // closing a descriptor that could not be reported must not free it
    const Result<> opened = open_clone_pidfd(m, self, reserved.pid, UserPtr<int>{args.pidfd});
    if (!opened.ok()) give_back(m, reserved);
    put_pid(m, reserved.pid);
    if (!opened.ok()) return opened.error();
    return reserved;
}

FsId share_or_copy_fs(Machine& m, TaskId self, uint64_t flags)
{
    const FsId fs = m[self].fs;
    if (!(flags & CLONE_FS_)) return copy_fs(m, fs);
    ++m.edit(fs).refs;
    return fs;
}

SighandId share_or_copy_sighand(Machine& m, TaskId self, uint64_t flags)
{
    const SighandId old = m[self].sighand;
    if (flags & CLONE_SIGHAND_) {
        ++m.edit(old).refs;
        return old;
    }
    const SighandId sighand = m.allocate_like(old);
    m.edit(sighand).refs = 1;
    if (flags & CLONE_CLEAR_SIGHAND_) flush_signal_handlers(m, sighand, false);
    return sighand;
}

/// A new thread group: limits and places are inherited, counts are not.
SignalId new_group(Machine& m, SignalId from)
{
    const SignalId signal = m.allocate<Signal>();
    const Signal& old = m[from];
    const auto rlimit = old.rlimit;
    const TtyId tty = old.tty;
    const int32_t oom_score_adj = old.oom_score_adj;
    const bool subreaper = old.flags & (signal_child_subreaper | signal_has_child_subreaper);
    Signal& s = m.edit(signal);
    s.rlimit = rlimit;
    s.tty = tty;
    s.oom_score_adj = oom_score_adj;
    s.flags = subreaper ? signal_has_child_subreaper : 0u;
    ++m.state.thread_groups;
    return signal;
}

/// Takes out of a copy of the parent's record what is not inherited.
void drop_what_is_not_inherited(const Machine& m, Task& t, const CloneArgs& args)
{
    t.orig_rax = ~0ull;
    t.utime_ns = t.stime_ns = t.retired = 0;
    t.min_flt = t.maj_flt = t.nvcsw = t.nivcsw = 0;
    t.start_ns = m.state.now_ns;
    t.pending = 0;
    t.queue_first = t.queue_last = {};
    t.robust_list = t.clear_child_tid = t.handed = 0;
    t.first_child = t.last_child = t.next_sibling = t.prev_sibling = {};
    t.next_thread = t.prev_thread = {};
    t.heap_child = t.heap_next = t.heap_prev = {};
    t.waits = {};
    t.sleep_timer = {};
    t.kept = {};
    t.fpu = {};
    t.vfork_done = t.signal_wait = t.stop_wait = {};
    t.flags &= task_no_new_privs | task_no_rdtsc | task_no_setaffinity | task_reset_on_fork;
    t.flags |= task_forked_no_exec;
    t.exit_code = t.pdeath_signal = 0;
    t.default_timer_slack_ns = t.timer_slack_ns;
    t.clone_ordinal = t.choices = t.sched_choices = t.spins = t.spin_retired = 0;
    t.restart_call = 0;
    if (args.flags & CLONE_VM_) {
        t.rseq_area = 0;
        t.rseq_len = t.rseq_sig = 0;
    }
    if ((args.flags & (CLONE_VM_ | CLONE_VFORK_)) == CLONE_VM_) {
        t.altstack_sp = t.altstack_size = 0;
        t.altstack_flags = 2;
    }
    t.cpu.gpr[x86::rax] = 0;
    if (args.stack) t.cpu.gpr[x86::rsp] = args.stack;
    if (args.flags & CLONE_SETTLS_) t.cpu.fs_base = args.tls;
    if (args.flags & CLONE_CHILD_CLEARTID_) t.clear_child_tid = args.child_tid;
}

void join_group(Machine& m, TaskId child, TaskId self)
{
    const SignalId signal = m[self].signal;
    const TaskId leader = m[self].group_leader;
    const TaskId parent = m[self].real_parent;
    Task& t = m.edit(child);
    t.group_leader = leader;
    t.real_parent = t.parent = parent;
    t.exit_signal = -1;
    ++m.edit(signal).refs;
    ++m.edit(signal).live;
    link_thread(m, child);
}

void lead_group(Machine& m, TaskId child, TaskId self, const CloneArgs& args)
{
    const SignalId old = m[self].signal;
    const SignalId signal = new_group(m, old);
    const bool sibling = args.flags & CLONE_PARENT_;
    const int exit_signal = sibling ? m[m[self].group_leader].exit_signal : args.exit_signal;
    const PidId pid = m[child].pid;
    Task& t = m.edit(child);
    t.signal = signal;
    t.group_leader = child;
    t.exit_signal = exit_signal;
    Signal& s = m.edit(signal);
    s.tgid = pid;
    s.refs = s.live = 1;
    link_thread(m, child);
    link_child(m, child, sibling ? m[self].real_parent : self);
    change_pgrp(m, signal, m[old].pgrp);
    change_session(m, signal, m[old].session);
}

TaskId make_task(Machine& m, TaskId self, const CloneArgs& args, const Reserved& reserved)
{
    const FsId fs = share_or_copy_fs(m, self, args.flags);
    const SighandId sighand = share_or_copy_sighand(m, self, args.flags);
    const uint64_t lineage = mix(m[self].lineage, m.edit(self).clone_ordinal++);
    const TaskId child = m.allocate_like(self);
    Task& t = m.edit(child);
    drop_what_is_not_inherited(m, t, args);
    t.mm = reserved.mm;
    t.files = reserved.files;
    t.pid = reserved.pid;
    t.fs = fs;
    t.sighand = sighand;
    t.lineage = lineage;
    hold_cred(m, t.cred);
    ++m.edit(user_of(m, child)).processes;
    ++m.state.task_count;
    ++m.state.total_forks;
    copy_fpu(m, self, child);
    set_pid_task(m, reserved.pid, child);
    if (args.flags & CLONE_THREAD_)
        join_group(m, child, self);
    else
        lead_group(m, child, self, args);
    return child;
}

/// What is written into memory; bad addresses are ignored, as in Linux.
void store_tids(Machine& m, TaskId self, TaskId child, const CloneArgs& args)
{
    const uint32_t number = pid_nr(m, child);
    if (args.flags & CLONE_PARENT_SETTID_)
        (void)put_user(m, self, UserPtr<uint32_t>{args.parent_tid}, number);
    if (args.flags & CLONE_CHILD_SETTID_) (void)put_user(m, child, UserPtr<uint32_t>{args.child_tid}, number);
}

/// What a vfork parent keeps while it sleeps.
struct VforkWait {
    TaskId child;
    uint32_t number = 0;
};

/// The sleep is over: the child handed us the wake-up, or we are being killed.
Outcome<> after_vfork(Machine& m, TaskId self)
{
    const auto wait = kept<VforkWait>(m, self);
    if (!(m[self].flags & task_handed) && m.alive(wait.child)) m.edit(wait.child).flags &= ~task_vforked;
    return wait.number;
}

}  // namespace

Result<> check_namespaces(const Machine& m, TaskId self, uint64_t flags)
{
    if (!(flags & namespace_flags)) return {};
    if (!(flags & CLONE_NEWUSER_) && !capable(m, self, CAP_SYS_ADMIN_)) return EPERM;
    return EINVAL;
}

Outcome<> do_clone(Machine& m, TaskId self, const CloneArgs& args)
{
    if (resuming(m, self)) return after_vfork(m, self);
    TRY(check_flags(m, self, args.flags));
    if (signal_pending(m, self)) return ERESTARTNOINTR;
    TRY(check_limits(m, self));
    TRY(check_namespaces(m, self, args.flags));
    if ((args.flags & CLONE_SETTLS_) && args.tls >= x86::user_end) return EPERM;
    const Reserved reserved = TRY(reserve(m, self, args));

    const TaskId child = make_task(m, self, args, reserved);
    store_tids(m, self, child, args);
    emit(m, EventKind::clone, child, pid_nr(m, self), args.flags);
    const uint32_t number = pid_nr(m, child);
    if (args.flags & CLONE_VFORK_) m.edit(child).flags |= task_vforked;
    sched_fork(m, child);
    enqueue_task(m, child);
    if (!(args.flags & CLONE_VFORK_)) return number;
    return Sleep{{QueueKind::vfork, {}, child.raw}, SleepMode::killable}.keep(VforkWait{child, number});
}

TaskId new_first_task(Machine& m, const FirstTask& first)
{
    const TaskId task = m.allocate<Task>();
    const SignalId signal = m.allocate<Signal>();
    const SighandId sighand = m.allocate<Sighand>();
    m.edit(sighand).refs = 1;
    Task& t = m.edit(task);
    t.files = first.files;
    t.fs = first.fs;
    t.sighand = sighand;
    t.signal = signal;
    t.cred = first.cred;
    t.pid = first.pid;
    t.group_leader = task;
    t.start_ns = m.state.now_ns;
    t.lineage = m[first.pid].number;
    Signal& s = m.edit(signal);
    s.tgid = first.pid;
    s.refs = s.live = 1;
    s.flags = signal_leader;
    set_pid_task(m, first.pid, task);
    link_thread(m, task);
    change_pgrp(m, signal, first.pid);
    change_session(m, signal, first.pid);
    ++m.edit(user_of(m, task)).processes;
    ++m.state.task_count;
    ++m.state.thread_groups;
    return task;
}

Outcome<> sys_fork(Machine& m, TaskId self)
{
    CloneArgs args;
    args.exit_signal = SIGCHLD_;
    return do_clone(m, self, args);
}

Outcome<> sys_vfork(Machine& m, TaskId self)
{
    CloneArgs args;
    args.flags = CLONE_VFORK_ | CLONE_VM_;
    args.exit_signal = SIGCHLD_;
    return do_clone(m, self, args);
}

Outcome<> sys_clone(Machine& m, TaskId self, uint64_t flags, uint64_t stack, UserPtr<int> parent_tid,
                    UserPtr<int> child_tid, uint64_t tls)
{
    CloneArgs args;
    args.flags = (flags & 0xffff'ffffull) & ~exit_signal_mask;
    args.exit_signal = static_cast<int>(flags & exit_signal_mask);
    args.pidfd = args.parent_tid = parent_tid.address;
    args.child_tid = child_tid.address;
    args.stack = stack;
    args.tls = tls;
    if (has_all(flags, CLONE_PIDFD_ | CLONE_PARENT_SETTID_)) return EINVAL;
    return do_clone(m, self, args);
}

}  // namespace norn
