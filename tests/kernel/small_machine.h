// A machine with a few tasks and no programs, put together by hand: for tests of one part at a time.
#pragma once

#include "mm/radix.h"
#include "norn/machine.h"

namespace norn {

class AlwaysFirst final : public Decider {
  public:
    uint64_t choose(const Machine& /*machine*/, const Choice& /*choice*/) override { return 0; }
};

struct SmallMachine {
    Machine m;
    AlwaysFirst decider;
    CredId cred;
    FilesId files;
    FsId fs;
    TaskId init;
    uint32_t next_number = 1;

    SmallMachine()
    {
        const UserId user = m.allocate<User>();
        cred = m.allocate<Cred>();
        m.edit(cred).user = user;
        m.edit(user).refs = 1;
        files = m.allocate<Files>();
        fs = m.allocate<Fs>();
        init = process({});
        m.edit(init).flags |= task_kernel_init;
        m.state.init = init;
    }

    /// A thread of a group that is there, or the leader of a new one.
    TaskId thread(SignalId signal)
    {
        const TaskId task = m.allocate<Task>();
        const PidId pid = m.allocate<Pid>();
        Pid& number = m.edit(pid);
        number.number = next_number++;
        number.task = task;
        number.uses = 1;
        tree_set(m, m.state.pids, NodeKind::pids, m[pid].number, pid.raw);
        const TaskId last = m[signal].last_thread;
        Task& t = m.edit(task);
        t.pid = pid;
        t.signal = signal;
        t.cred = cred;
        t.files = files;
        t.fs = fs;
        t.prev_thread = last;
        t.group_leader = last ? m[signal].first_thread : task;
        if (last) {
            m.edit(last).next_thread = task;
            const SighandId shared = m[last].sighand;
            m.edit(task).sighand = shared;
        } else {
            m.edit(signal).first_thread = task;
            const SighandId sighand = m.allocate<Sighand>();
            m.edit(task).sighand = sighand;
        }
        Signal& group = m.edit(signal);
        group.last_thread = task;
        ++group.refs;
        ++group.live;
        ++m.edit(m[task].sighand).refs;
        ++m.edit(cred).refs;
        ++m.edit(m[cred].user).processes;
        ++m.edit(files).refs;
        ++m.edit(fs).refs;
        ++m.state.task_count;
        return task;
    }

    /// The leader of a new group, process group and session.
    TaskId process(TaskId parent)
    {
        const SignalId signal = m.allocate<Signal>();
        ++m.state.thread_groups;
        const TaskId leader = thread(signal);
        const PidId pid = m[leader].pid;
        Signal& group = m.edit(signal);
        group.tgid = group.pgrp = group.session = pid;
        Pid& number = m.edit(pid);
        number.group_first = number.session_first = signal;
        number.uses = 3;
        if (!parent) return leader;
        const TaskId last = m[parent].last_child;
        Task& t = m.edit(leader);
        t.real_parent = t.parent = parent;
        t.prev_sibling = last;
        (last ? m.edit(last).next_sibling : m.edit(parent).first_child) = leader;
        m.edit(parent).last_child = leader;
        return leader;
    }
};

}  // namespace norn
