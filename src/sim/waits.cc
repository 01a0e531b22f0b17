#include "sim/waits.h"

#include <cstring>

#include "kernel/task.h"
#include "syscall/table.h"

namespace norn {

std::string command_name(const Task& task)
{
    return {task.comm.data(), strnlen(task.comm.data(), task.comm.size())};
}

namespace {
std::string_view queue_words(QueueKind kind)
{
    switch (kind) {
        case QueueKind::none:
            return "nothing but a signal";
        case QueueKind::child:
            return "a child to change state";
        case QueueKind::vfork:
            return "its vfork child to exec or exit";
        case QueueKind::futex:
            return "a futex";
        case QueueKind::signal:
            return "a signal";
        case QueueKind::stopped:
            return "SIGCONT (it is stopped)";
        case QueueKind::exec_alone:
            return "its other threads to end (exec)";
        case QueueKind::pipe_read:
            return "a pipe to have something to read";
        case QueueKind::pipe_write:
            return "a pipe to have room";
        case QueueKind::pipe_open:
            return "the other end of a FIFO to open";
        case QueueKind::file_lock:
            return "a file lock";
        case QueueKind::tty:
            return "the terminal";
        case QueueKind::outside:
            return "input from outside";
        case QueueKind::event:
            return "a descriptor to become ready";
        case QueueKind::pidfd:
            return "a process to end";
    }
    return "something";
}

std::string waits_for(const Machine& m, const Task& task)
{
    std::string words;
    for (WaitId wait = task.waits; wait; wait = m[wait].next_of_owner) {
        const std::string_view one = queue_words(m[wait].queue.kind);
        if (words.find(one) != std::string::npos) continue;
        words += words.empty() ? "" : " or ";
        words += one;
    }
    return words.empty() ? std::string(queue_words(QueueKind::none)) : words;
}
}  // namespace

std::vector<TaskWait> task_waits(const Machine& m)
{
    std::vector<TaskWait> waits;
    m.pool<Task>().each([&](TaskId id, const Task& task) {
        if (task.flags & task_kernel_init || task.state == TaskState::zombie || task.state == TaskState::dead)
            return;
        const std::string_view call = task.orig_rax == ~0ull ? "" : syscall_name(task.orig_rax);
        waits.push_back({pid_nr(m, id), command_name(task), std::string(call), waits_for(m, task)});
    });
    return waits;
}

}  // namespace norn
