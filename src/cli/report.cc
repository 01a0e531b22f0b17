#include "cli/report.h"

#include <fmt/format.h>

#include "cli/command.h"
#include "kernel/task.h"
#include "syscall/table.h"

namespace norn::cli {

std::string command_name(const Task& task)
{
    return {task.comm.data(), strnlen(task.comm.data(), task.comm.size())};
}

LiveReport::LiveReport(bool /*strace*/) {}
LiveReport::~LiveReport() = default;

void LiveReport::event(const Machine& machine, const Event& event)
{
    if (event.kind == EventKind::unsupported) unsupported(machine, event);
    if (strace_) strace_->event(machine, event);
}

void LiveReport::unsupported(const Machine& machine, const Event& event)
{
    if (!said_.insert(event.a).second) return;
    const TaskId task = find_task(machine, event.pid);
    const std::string who = fmt::format("{} ({})", task ? command_name(machine[task]) : "?", event.pid);
    if (event.a == ~0ull)
        say(fmt::format("{} met an instruction that Norn does not have, at {:#x}; it got SIGILL", who,
                        event.b));
    else if (const auto name = syscall_name(event.a); !name.empty())
        say(fmt::format("{} called {}, which Norn does not have; it got ENOSYS", who, name));
    else
        say(fmt::format("{} made system call {}, which Linux has not either; it got ENOSYS", who, event.a));
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

std::string count_of(uint64_t count, std::string_view one, std::string_view many)
{
    return fmt::format("{} {}", count, count == 1 ? one : many);
}
}  // namespace

std::vector<std::string> wait_lines(const Machine& m)
{
    std::vector<std::string> lines;
    m.pool<Task>().each([&](TaskId id, const Task& task) {
        if (task.flags & task_kernel_init || task.state == TaskState::zombie || task.state == TaskState::dead)
            return;
        const std::string_view call = task.orig_rax == ~0ull ? "" : syscall_name(task.orig_rax);
        lines.push_back(fmt::format("  {} ({}) waits{}{} for {}", pid_nr(m, id), command_name(task),
                                    call.empty() ? "" : " in ", call, waits_for(m, task)));
    });
    return lines;
}

void report_end(const Run& run, const RunResult& result, const std::string& id, bool quiet)
{
    switch (result.ending) {
        case Ending::deadlock:
            say("deadlock: nothing can wake any task");
            for (const std::string& line : wait_lines(run.machine())) fmt::print(stderr, "{}\n", line);
            break;
        case Ending::timed_out:
            say("--timeout has passed");
            break;
        case Ending::unsupported:
            say("stopped at what Norn does not have (--on-unsupported=stop)");
            break;
        case Ending::given_up:
            say("ended from outside");
            break;
        case Ending::none:
        case Ending::exited:
        case Ending::diverged:
            break;
    }
    if (quiet) return;
    if (result.ending == Ending::exited && result.left_over)
        say(count_of(result.left_over, "process was", "processes were") +
            " still alive and ended with the run");
    if (result.ending != Ending::exited && !id.empty())
        say(fmt::format("kept as run {}: norn tree {}, norn strace {}", id, id, id));
}

}  // namespace norn::cli
