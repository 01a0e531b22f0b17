// Waiting for children (exit.c's second half; wait(2), waitid(2)).
//
//  W1  The question is resolved once (WaitQuery): while we sleep, a number may be freed and given to a
//      stranger.
//  W2  A look changes nothing; `collect` is the only change, and cannot fail. A bad pointer is found out
//      after the child is gone, as in Linux.
#include <climits>

#include "fs/file.h"
#include "kernel/exit.h"
#include "kernel/rusage.h"
#include "kernel/signal.h"
#include "kernel/syscalls_life.h"
#include "kernel/task.h"
#include "kernel/wait_queue.h"
#include "mm/usercopy.h"

namespace norn {

namespace {

enum WaitOption : uint32_t {
    WNOHANG_ = 1,
    WSTOPPED_ = 2,  // WUNTRACED
    WEXITED_ = 4,
    WCONTINUED_ = 8,
    WNOWAIT_ = 0x01000000,
    WNOTHREAD_ = 0x20000000,
    WALL_ = 0x40000000,
    WCLONE_ = 0x80000000,
};
constexpr uint32_t wait4_options = WNOHANG_ | WSTOPPED_ | WCONTINUED_ | WNOTHREAD_ | WCLONE_ | WALL_;
constexpr uint32_t waitid_options = wait4_options | WEXITED_ | WNOWAIT_;

enum class Who : uint32_t { any, process, group };

/// A whole wait question (W1).
struct WaitQuery {
    Who who = Who::any;
    PidId pid;
    uint32_t options = 0;
};

enum class Happened : uint8_t { nothing, died, stopped, continued };

/// What a look at one child or at all of them found.
struct WaitLook {
    bool eligible = false;  ///< somebody could still be reported
    Happened happened = Happened::nothing;
    TaskId child;
};

/// What is reported of a child.
struct Report {
    uint32_t pid = 0, uid = 0;
    int cause = 0;            ///< CLD_…
    int status = 0;           ///< as waitid gives it
    int wait_status = 0;      ///< as wait4 gives it
    Rusage* usage = nullptr;  ///< filled in if it is asked for
};

bool matches(const Machine& m, TaskId child, const WaitQuery& query)
{
    if (query.who == Who::process && m[m[child].signal].tgid != query.pid) return false;
    if (query.who == Who::group && m[m[child].signal].pgrp != query.pid) return false;
    if (query.options & WALL_) return true;
    return (m[child].exit_signal != SIGCHLD_) == static_cast<bool>(query.options & WCLONE_);
}

WaitLook look_at_child(const Machine& m, TaskId child, const WaitQuery& query)
{
    WaitLook look;
    look.child = child;
    if (!matches(m, child, query)) return look;
    const Signal& signal = m[m[child].signal];
    const bool dead = m[child].state == TaskState::zombie && thread_group_empty(m, m[child].signal);
    if (dead) {
        look.eligible = query.options & WEXITED_;
        if (look.eligible) look.happened = Happened::died;
        return look;
    }
    look.eligible = true;
    if ((query.options & WSTOPPED_) && (signal.flags & signal_stop_stopped) && signal.group_exit_code)
        look.happened = Happened::stopped;
    else if ((query.options & WCONTINUED_) && (signal.flags & signal_stop_continued))
        look.happened = Happened::continued;
    return look;
}

/// Children of one thread, oldest first.
WaitLook look_at_children(const Machine& m, TaskId parent, const WaitQuery& query)
{
    WaitLook all;
    for (TaskId child = m[parent].first_child; child; child = m[child].next_sibling) {
        const WaitLook look = look_at_child(m, child, query);
        if (look.happened != Happened::nothing) return look;
        all.eligible |= look.eligible;
    }
    return all;
}

bool is_own_child(const Machine& m, TaskId self, TaskId child, uint32_t options)
{
    const TaskId parent = m[child].real_parent;
    if (!parent || !thread_group_leader(m, child)) return false;
    return options & WNOTHREAD_ ? parent == self : m[parent].signal == m[self].signal;
}

WaitLook look_for_child(const Machine& m, TaskId self, const WaitQuery& query)
{
    WaitLook all;
    if (query.who != Who::any && (!query.pid || !m.alive(query.pid))) return all;
    if (query.who == Who::process) {
        const TaskId child = m[query.pid].task;
        if (!child || !is_own_child(m, self, child, query.options)) return all;
        return look_at_child(m, child, query);
    }
    if (query.options & WNOTHREAD_) return look_at_children(m, self, query);
    for (TaskId t = m[m[self].signal].first_thread; t; t = m[t].next_thread) {
        const WaitLook look = look_at_children(m, t, query);
        if (look.happened != Happened::nothing) return look;
        all.eligible |= look.eligible;
    }
    return all;
}

void report_death(const Machine& m, TaskId child, Report& report)
{
    const int code = m[child].exit_code;
    report.wait_status = code;
    report.status = code & 0x7f;
    report.cause = code & 0x80 ? CLD_DUMPED_ : CLD_KILLED_;
    if (report.status == 0) {
        report.cause = CLD_EXITED_;
        report.status = code >> 8;
    }
}

/// W2: the one change.
void collect(Machine& m, TaskId self, const WaitLook& look, uint32_t options, Report& report)
{
    const TaskId child = look.child;
    const SignalId signal = m[child].signal;
    const bool keep = options & WNOWAIT_;
    if (look.happened == Happened::died) {
        report_death(m, child, report);
    } else if (look.happened == Happened::stopped) {
        report.cause = CLD_STOPPED_;
        report.status = m[signal].group_exit_code;
        report.wait_status = report.status << 8 | 0x7f;
        if (!keep) m.edit(signal).group_exit_code = 0;
    } else {
        report.cause = CLD_CONTINUED_;
        report.status = SIGCONT_;
        report.wait_status = 0xffff;
        if (!keep) m.edit(signal).flags &= ~signal_stop_continued;
    }
    report.pid = pid_nr(m, child);
    report.uid = m[m[child].cred].uid;
    if (report.usage) *report.usage = total_usage(m, signal);
    if (look.happened == Happened::died && !keep) {
        add_child_usage(m, m[self].signal, signal);
        release_task(m, child);
    }
}

/// Waits; a report without pid means that WNOHANG found nothing.
Outcome<> do_wait(Machine& m, TaskId self, const WaitQuery& query, Report& report)
{
    const WaitLook look = look_for_child(m, self, query);
    if (look.happened != Happened::nothing) {
        collect(m, self, look, query.options, report);
        return 0;
    }
    if (!look.eligible) return ECHILD;
    if (query.options & WNOHANG_) return 0;
    if (signal_pending(m, self)) return ERESTARTSYS;
    return Sleep{{QueueKind::child, {}, m[self].signal.raw}}.keep(query);
}

WaitQuery wait4_query(const Machine& m, TaskId self, int pid, uint32_t options)
{
    if (pid == -1) return {Who::any, {}, options};
    if (pid == 0) return {Who::group, m[m[self].signal].pgrp, options};
    if (pid < 0) return {Who::group, find_pid(m, static_cast<uint32_t>(-pid)), options};
    return {Who::process, find_pid(m, static_cast<uint32_t>(pid)), options};
}

struct FoundPidfd {
    PidId pid;
    bool nonblocking = false;
};

Result<FoundPidfd> pidfd_of(const Machine& m, TaskId self, int fd)
{
    constexpr uint32_t o_nonblock = 04000;
    const FileId file = TRY(fget(m, self, fd));
    if (m[file].kind != FileKind::pidfd) return EBADF;
    return FoundPidfd{m[file].pid, (m[file].flags & o_nonblock) != 0};
}

/// waitid's who and id. EINVAL, EBADF; `nonblocking` for a pidfd with O_NONBLOCK.
Result<WaitQuery> waitid_query(const Machine& m, TaskId self, int which, int id, uint32_t options,
                               bool& nonblocking)
{
    constexpr int p_all = 0, p_pid = 1, p_pgid = 2, p_pidfd = 3;
    switch (which) {
        case p_all:
            return WaitQuery{Who::any, {}, options};
        case p_pid:
            if (id <= 0) return EINVAL;
            return WaitQuery{Who::process, find_pid(m, static_cast<uint32_t>(id)), options};
        case p_pgid:
            if (id < 0) return EINVAL;
            if (id == 0) return WaitQuery{Who::group, m[m[self].signal].pgrp, options};
            return WaitQuery{Who::group, find_pid(m, static_cast<uint32_t>(id)), options};
        case p_pidfd: {
            if (id < 0) return EINVAL;
            const FoundPidfd found = TRY(pidfd_of(m, self, id));
            nonblocking = found.nonblocking;
            return WaitQuery{Who::process, found.pid, options};
        }
        default:
            return EINVAL;
    }
}

/// The fields of siginfo that waitid fills; it leaves the others alone.
Result<> put_wait_siginfo(Machine& m, TaskId self, UserPtr<> info, const Report& report)
{
    const bool found = report.pid != 0;
    TRY(put_user(m, self, info.as<int>(), found ? static_cast<int>(SIGCHLD_) : 0));
    TRY(put_user(m, self, (info + 4).as<int>(), 0));
    TRY(put_user(m, self, (info + 8).as<int>(), report.cause));
    TRY(put_user(m, self, (info + 16).as<uint32_t>(), report.pid));
    TRY(put_user(m, self, (info + 20).as<uint32_t>(), report.uid));
    return put_user(m, self, (info + 24).as<int>(), report.status);
}

}  // namespace

Outcome<> sys_wait4(Machine& m, TaskId self, int pid, UserPtr<int> wstatus, uint32_t options,
                    UserPtr<Rusage> usage)
{
    if (options & ~wait4_options) return EINVAL;
    if (pid == INT_MIN) return ESRCH;
    const WaitQuery query =
        resuming(m, self) ? kept<WaitQuery>(m, self) : wait4_query(m, self, pid, options | WEXITED_);
    Rusage used;
    Report report;
    if (usage) report.usage = &used;
    TRY(do_wait(m, self, query, report));
    if (report.pid == 0) return 0;
    if (wstatus) TRY(put_user(m, self, wstatus, report.wait_status));
    if (usage) TRY(put_user(m, self, usage, used));
    return report.pid;
}

Outcome<> sys_waitid(Machine& m, TaskId self, int which, int id, UserPtr<> info, uint32_t options,
                     UserPtr<Rusage> usage)
{
    if (options & ~waitid_options) return EINVAL;
    if (!(options & (WEXITED_ | WSTOPPED_ | WCONTINUED_))) return EINVAL;
    bool nonblocking = false;
    const WaitQuery query = resuming(m, self) ? kept<WaitQuery>(m, self)
                                              : TRY(waitid_query(m, self, which, id, options, nonblocking));
    WaitQuery asked = query;
    if (nonblocking) asked.options |= WNOHANG_;
    Rusage used;
    Report report;
    if (usage) report.usage = &used;
    TRY(do_wait(m, self, asked, report));
    if (report.pid == 0 && nonblocking && !(options & WNOHANG_)) return EAGAIN;
    if (report.pid != 0 && usage) TRY(put_user(m, self, usage, used));
    if (info) TRY(put_wait_siginfo(m, self, info, report));
    return 0;
}

}  // namespace norn
