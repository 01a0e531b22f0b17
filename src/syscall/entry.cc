#include "syscall/entry.h"

#include "kernel/task.h"
#include "kernel/vdso.h"
#include "kernel/wait_queue.h"
#include "syscall/table.h"

namespace norn {

namespace {
constexpr uint64_t nr_restart_syscall = 219;

constexpr uint64_t error_value(Errno error)
{
    return static_cast<uint64_t>(-static_cast<int64_t>(error));
}

[[gnu::noinline]] void tell_call(Machine& m, TaskId self, EventKind kind, uint64_t result)
{
    if (!called_from_vdso(m, self)) tell(m, kind, self, m[self].orig_rax, result, nullptr);
}

inline void report(Machine& m, TaskId self, EventKind kind, uint64_t result = 0)
{
    if (wanted(m, kind)) tell_call(m, self, kind, result);
}

[[gnu::noinline]] void let_go(Machine& m, TaskId self, bool restartable)
{
    const bool keeps_nothing = m[self].kept && !restartable;
    if (m[self].waits) remove_waits(m, self);
    if (keeps_nothing) free_kept(m, self);
}

/// The call is over: what it needed to be entered again goes, but for E3.
void finish(Machine& m, TaskId self, uint64_t number, uint64_t result)
{
    Task* task = &m.edit(self);
    bool restartable = false;
    if (task->waits || task->kept) [[unlikely]] {
        restartable = task->kept && result == error_value(ERESTART_RESTARTBLOCK);
        let_go(m, self, restartable);
        task = &m.edit(self);
    }
    task->restart_call = restartable ? static_cast<uint16_t>(number) : 0;
    task->flags &= ~(task_in_syscall | task_timed_out | task_handed | task_woken_by_signal);
    task->cpu.gpr[x86::rax] = result;
    report(m, self, EventKind::syscall_exit, result);
}

Served call(Machine& m, TaskId self, uint64_t number, const std::array<uint64_t, 6>& arguments)
{
    const SyscallRow* row = syscall_row(number);
    if (!row) {
        finish(m, self, number, error_value(ENOSYS));
        return Served::unsupported;
    }
    const Outcome<> outcome = row->invoke(m, self, arguments);
    const Task* task = m.look(self);
    if (!task || task->state == TaskState::zombie || task->state == TaskState::dead) return Served::gone;
    if (outcome.sleeps()) {
        go_to_sleep(m, self, outcome.sleep());
        return Served::asleep;
    }
    finish(m, self, number, outcome.ok() ? outcome.value() : error_value(outcome.error()));
    return Served::done;
}

/// The call that restart_syscall stands for; others as they are.
uint64_t meant(const Task& task)
{
    return task.orig_rax == nr_restart_syscall && task.restart_call ? task.restart_call : task.orig_rax;
}
}  // namespace

/// A new call while one was kept to be restarted: that one, if this is restart_syscall, or it is forgotten.
static uint64_t go_on_or_forget(Machine& m, TaskId self, uint64_t number)
{
    Task& task = m.edit(self);
    if (number == nr_restart_syscall && task.restart_call) {
        task.flags |= task_in_syscall;
        return task.restart_call;
    }
    task.restart_call = 0;
    free_kept(m, self);
    return number;
}

std::array<uint64_t, 6> syscall_arguments(const Task& task)
{
    const auto& gpr = task.cpu.gpr;
    return {gpr[x86::rdi], gpr[x86::rsi], gpr[x86::rdx], gpr[x86::r10], gpr[x86::r8], gpr[x86::r9]};
}

bool called_from_vdso(const Machine& m, TaskId self)
{
    const Task& task = m[self];
    const uint64_t vdso = m[task.mm].vdso;
    return vdso != 0 && task.cpu.rip - vdso < vdso_size;
}

Served enter_syscall(Machine& m, TaskId self)
{
    Task& task = m.edit(self);
    uint64_t number = task.cpu.gpr[x86::rax];
    const std::array<uint64_t, 6> arguments = syscall_arguments(task);
    task.orig_rax = number;
    if (task.kept) [[unlikely]]
        number = go_on_or_forget(m, self, number);
    report(m, self, EventKind::syscall_enter);
    return call(m, self, number, arguments);
}

Served resume_syscall(Machine& m, TaskId self)
{
    return call(m, self, meant(m[self]), syscall_arguments(m[self]));
}

}  // namespace norn
