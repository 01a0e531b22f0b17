// The run loop: one simulated processor after another takes its turn.
//
//  L1  The processor whose clock is earliest has the turn, and keeps it until its slice is over or its task
//      stops running. So what one slice does is seen by all that run after it, and time never goes back.
//  L2  What happens depends on the value of the machine and the Decider's answers alone: not on where `run`
//      was stopped in between, nor on anything the engine remembers.
#include "kernel/run.h"
#include "host/arena.h"

#include <algorithm>
#include <bitset>
#include <cstdio>
#include <optional>

#include "fs/outside.h"
#include "kernel/audit.h"
#include "kernel/fpu.h"
#include "kernel/oom.h"
#include "kernel/posix_timer.h"
#include "kernel/rseq.h"
#include "kernel/sched.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "kernel/timer.h"
#include "kernel/trap.h"
#include "mm/fault.h"
#include "syscall/entry.h"
#include "syscall/table.h"

namespace norn {

namespace {

/// Virtual time that entering the kernel costs; the first of the bytes that a call moves are included.
constexpr uint64_t syscall_ns = 200;
constexpr uint64_t included_bytes = 2ull * 4096, bytes_per_ns = 32;
constexpr uint64_t fault_ns = 500;
/// The Decider picks among so many of the run queue at most, so that a turn costs the same with a million.
constexpr uint64_t most_candidates = 32;
/// Processor::sliced of a slice that has run some of its instructions.
constexpr uint8_t slice_begun = 2;
/// After PROGRAM's end what is left may go on for so long.
constexpr uint64_t afterlife_ns = 60'000'000'000;

/// A fault that is none: the engine is to hear what changed and to try again. Whether it comes depends on
/// what the engine remembers, so it takes no time.
bool only_again(const x86::Exit& exit)
{
    return exit.vector == x86::Vector::page_fault && (exit.code & fault_again);
}

uint64_t kernel_ns(const x86::Exit& exit)
{
    if (exit.kind == x86::ExitKind::syscall) return syscall_ns;
    return exit.kind == x86::ExitKind::fault && !only_again(exit) ? fault_ns : 0;
}

class Runner {
  public:
    Runner(Machine& m, x86::Engine& engine, const RunLimits& limits)
        : m_(m), engine_(engine), limits_(limits), memory_(m, MmId{})
    {
        m_.live_fpu = &fpu_;
        m_.live_fpu_task = {};
        engine_.revoke_all_writes();
    }
    ~Runner()
    {
        save_fpu();
        m_.live_fpu = nullptr;
        m_.live_fpu_task = {};
    }
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;

    StopReason go();

  private:
    [[nodiscard]] std::optional<StopReason> stop();
    [[nodiscard]] bool program_over();
    [[nodiscard]] std::optional<StopReason> pass_idle_time();

    [[nodiscard]] std::optional<uint32_t> earliest_processor() const;
    [[nodiscard]] bool others_can_run(uint32_t p) const;
    [[nodiscard]] bool choice_ahead(uint32_t p) const;
    [[nodiscard]] uint64_t candidates(uint32_t p) const;
    [[nodiscard]] bool prepare_slice(uint32_t p);
    void pick_task(uint32_t p);
    void choose_slice(uint32_t p);

    void run_slice(uint32_t p);
    [[nodiscard]] const Task* running(TaskId self) const;
    [[nodiscard]] const Task* back_to_user(TaskId self);
    [[nodiscard]] uint64_t allowed_instructions(const Processor& cpu, uint64_t timer_ns) const;
    void serve(TaskId self, const x86::Exit& exit);
    void serve_syscall(TaskId self);
    void charge_bytes(TaskId self, Served served);
    void serve_rdtsc(TaskId self, bool rdtscp);
    void serve_fault(TaskId self, const x86::Exit& exit);
    void report_unsupported(TaskId self, uint64_t number, uint64_t rip);

    void audit_now_and_then();
    void save_fpu();
    void switch_to(TaskId self);
    void tell_engine(MmId mm);
    [[nodiscard]] uint64_t space_key(uint64_t space) const { return m_.epoch().owner << 32 ^ space; }

    Processor& processor(uint32_t p) { return m_.state.processors[p]; }

    Machine& m_;
    x86::Engine& engine_;
    const RunLimits& limits_;
    SpaceMemory memory_;
    MmId mm_;
    x86::Fpu fpu_;
    std::bitset<syscall_limit> reported_;
    uint64_t until_audit_ = 0;
    bool met_unsupported_ = false;
};

StopReason Runner::go()
{
    for (;;) {
        if (const auto reason = stop()) return *reason;
        if (next_deadline(m_) <= m_.state.now_ns) {
            expire_timers(m_);
            continue;
        }
        const auto p = earliest_processor();
        if (!p) {
            if (const auto reason = pass_idle_time()) return *reason;
            continue;
        }
        if (limits_.stop_at_first_choice && choice_ahead(*p)) return StopReason::choice;
        if (prepare_slice(*p)) run_slice(*p);
    }
}

std::optional<StopReason> Runner::stop()
{
    if (host_memory_spent()) return StopReason::host_memory;
    if (met_unsupported_ && limits_.stop_on_unsupported) return StopReason::unsupported;
    if (m_.state.program_ended && program_over()) return StopReason::program_ended;
    if (m_.state.now_ns >= limits_.until_ns) return StopReason::time_limit;
    if (m_.state.retired >= limits_.until_retired) return StopReason::retired_limit;
    return {};
}

bool Runner::program_over()
{
    MachineState& state = m_.state;
    if (state.program_ended_ns == 0) state.program_ended_ns = state.now_ns;
    if (state.console || state.now_ns >= state.program_ended_ns + afterlife_ns) return true;
    bool held = false;
    m_.pool<File>().each([&](FileId, const File& file) {
        held = held || (file.kind == FileKind::outside && file.special != 0);
    });
    return !held;
}

// Nobody can run: the next deadline comes at once, unless something from outside may come first.
std::optional<StopReason> Runner::pass_idle_time()
{
    MachineState& state = m_.state;
    if (state.outside_sleepers > 0 && !state.program_ended) return StopReason::wants_input;
    uint64_t until = next_deadline(m_);
    if (state.program_ended) until = std::min(until, state.program_ended_ns + afterlife_ns);
    if (until == never) return outside_may_signal(m_) ? StopReason::wants_input : StopReason::deadlock;
    set_clock(m_, std::min(until, limits_.until_ns));
    return {};
}

std::optional<uint32_t> Runner::earliest_processor() const
{
    const MachineState& state = m_.state;
    if (state.turn != 0) return state.turn - 1;
    std::optional<uint32_t> best;
    uint64_t best_ns = never;
    bool best_is_home = false;
    for (uint32_t p = 0; p < state.limits.cpus; ++p) {
        const Processor& cpu = state.processors[p];
        uint64_t ns = cpu.clock_ns;
        bool home = true;
        if (!cpu.current) {
            const TaskId task = peek_task_for(m_, p);
            if (!task) continue;
            ns = std::max(ns, m_[task].ready_ns);
            home = m_[task].cpu_number == p;
        }
        // Of several idle ones, the one where the task ran before.
        if (ns > best_ns || (ns == best_ns && (best_is_home || !home))) continue;
        best = p;
        best_ns = ns;
        best_is_home = home;
    }
    return best;
}

bool Runner::others_can_run(uint32_t p) const
{
    if (m_.state.runnable > 0) return true;
    for (uint32_t other = 0; other < m_.state.limits.cpus; ++other)
        if (other != p && m_.state.processors[other].current) return true;
    return false;
}

/// Will `prepare_slice` ask the Decider?
bool Runner::choice_ahead(uint32_t p) const
{
    const Processor& cpu = m_.state.processors[p];
    if (!cpu.current) return candidates(p) > 1;
    return others_can_run(p) && (cpu.slice_left == 0 || !cpu.sliced);
}

/// How many tasks may come next. Among real-time ones Linux leaves nothing open.
uint64_t Runner::candidates(uint32_t p) const
{
    const TaskId first = peek_task_for(m_, p);
    if (first && m_[first].rt_priority > 0) return 1;
    return std::min<uint64_t>(m_.state.runnable, most_candidates);
}

/// False: what ran here may run here no more, and nothing else may.
bool Runner::prepare_slice(uint32_t p)
{
    if (const TaskId task = processor(p).current; task && processor(p).slice_left == 0) {
        m_.edit(task).ready_ns = processor(p).clock_ns;
        processor(p).current = {};
        requeue_task(m_, task);
        if (kernel_memory_full(m_)) (void)out_of_memory(m_, task);
    }
    if (!processor(p).current) {
        if (!peek_task_for(m_, p)) return false;
        pick_task(p);
    }
    if (!processor(p).sliced && others_can_run(p)) choose_slice(p);
    m_.state.turn = p + 1;
    return true;
}

void Runner::pick_task(uint32_t p)
{
    Processor& cpu = processor(p);
    uint64_t n = 0;
    if (const uint64_t options = candidates(p); options > 1) {
        // The choice is that of the task that leaves, so that others' choices do not move.
        if (m_.alive(cpu.last))
            n = choose(m_, cpu.last, ChoiceKind::next_task, options);
        else
            n = m_.decider->choose(m_, Choice{ChoiceKind::next_task, p, cpu.choices++, options});
    }
    const TaskId task = take_task(m_, p, n);
    NORN_ASSERT(task);
    Task& t = m_.edit(task);
    const bool interrupted = cpu.last != task || t.cpu_number != p;
    t.cpu_number = static_cast<uint16_t>(p);
    cpu.clock_ns = std::max(cpu.clock_ns, t.ready_ns);
    m_.state.now_ns = std::max(m_.state.now_ns, cpu.clock_ns);
    if (t.rt_priority == 0) m_.state.min_vruntime = std::max(m_.state.min_vruntime, t.vruntime);
    if (cpu.last != task) ++m_.state.context_switches;
    cpu.current = cpu.last = task;
    cpu.slice_left = slice_lengths[0];
    cpu.sliced = 0;
    cpu.calls_left = 0;
    emit(m_, EventKind::running, task, p);
    if (interrupted && m_[task].rseq_area) rseq_interrupted(m_, task);
}

void Runner::choose_slice(uint32_t p)
{
    const TaskId task = processor(p).current;
    const uint64_t n = choose(m_, task, ChoiceKind::slice, slice_lengths.size());
    uint64_t length = slice_lengths[n];
    if (n == slice_lengths.size() - 1) length = 1 + choose(m_, task, ChoiceKind::preempt_at, length);
    const uint64_t calls = choose(m_, task, ChoiceKind::calls, call_options);
    Processor& cpu = processor(p);
    cpu.slice_left = std::min(cpu.slice_left, length);
    cpu.calls_left = static_cast<uint16_t>(calls);
    cpu.sliced = 1;
}

/// Null: it does not run any more.
const Task* Runner::running(TaskId self) const
{
    const Task* task = m_.look(self);
    return task && task->state == TaskState::running ? task : nullptr;
}

/// Is this the system call before which the slice is to end? Not if it is all that the slice has done, so
/// that each slice gets on.
bool ends_slice(Processor& cpu, const x86::Exit& exit)
{
    const bool gets_on = exit.retired > 1 || cpu.sliced == slice_begun;
    return cpu.calls_left > 0 && exit.kind == x86::ExitKind::syscall && gets_on && --cpu.calls_left == 0;
}

/// As if the `syscall` instruction had not run.
void take_back_call(x86::Cpu& cpu, const x86::Exit& exit)
{
    cpu.rip = exit.before.rip;
    cpu.gpr[x86::rcx] = exit.before.rcx;
    cpu.gpr[x86::r11] = exit.before.r11;
}

void Runner::run_slice(uint32_t p)
{
    Processor& cpu = processor(p);
    const TaskId self = cpu.current;
    switch_to(self);
    while (const Task* task = back_to_user(self)) {
        audit_now_and_then();
        const bool timed = has_cpu_timers(m_, self);
        if (timed) {
            check_cpu_timers(m_, self);
            if (needs_delivery(m_, self)) continue;  // now, and not wherever it stops next
            task = &m_[self];
        }
        if (m_.state.run_queue && preempts(m_, self)) cpu.slice_left = 0;
        if (!cpu.sliced && cpu.slice_left > 0 && others_can_run(p)) return;
        const uint64_t budget = allowed_instructions(cpu, timed ? cpu_timer_left(m_, self) : never);
        if (budget == 0) {
            if (cpu.slice_left == 0) m_.state.turn = 0;
            return;
        }
        tell_engine(task->mm);
        const x86::Exit& exit = engine_.run_from(task->cpu, fpu_, memory_, budget);
        Task& ran = m_.edit(self);
        engine_.store(ran.cpu);
        ran.orig_rax = ~0ull;
        if (ends_slice(cpu, exit)) {
            take_back_call(ran.cpu, exit);
            spend(m_, ran, exit.retired - 1, 0);
            cpu.slice_left = 0;
            continue;
        }
        spend(m_, ran, exit.retired, kernel_ns(exit));
        if (exit.retired > 0 && cpu.sliced) cpu.sliced = slice_begun;
        const uint32_t runnable = m_.state.runnable;
        serve(self, exit);
        // Who woke somebody may be taken off the processor for it.
        if (m_.state.runnable > runnable && (m_.open_choices & choice_bit(ChoiceKind::calls))) cpu.sliced = 0;
    }
    cpu.current = {};
    cpu.slice_left = 0;
    m_.state.turn = 0;
    audit_now_and_then();
}

/// Up to the end of the slice, the next deadline, a timer on processor time, or a limit of this run.
uint64_t Runner::allowed_instructions(const Processor& cpu, uint64_t timer_ns) const
{
    if (host_memory_spent() || (met_unsupported_ && limits_.stop_on_unsupported)) return 0;
    uint64_t allowed = cpu.slice_left;
    if (m_.state.retired >= limits_.until_retired) return 0;
    allowed = std::min(allowed, limits_.until_retired - m_.state.retired);
    const uint64_t deadline = std::min(next_deadline(m_), limits_.until_ns);
    if (deadline <= m_.state.now_ns) return 0;
    const uint64_t left_ns = deadline - cpu.clock_ns;
    if (left_ns < allowed) allowed = std::min(allowed, left_ns * instructions_per_ns - cpu.spare);
    if (timer_ns < allowed) allowed = std::min(allowed, timer_ns * instructions_per_ns - cpu.spare);
    return allowed;
}

/// Once nothing stands between the task and its next instruction: the task. Null if it does not run any more.
const Task* Runner::back_to_user(TaskId self)
{
    constexpr uint64_t first_restart = static_cast<uint64_t>(-static_cast<int64_t>(ERESTART_RESTARTBLOCK));
    constexpr uint64_t last_restart = static_cast<uint64_t>(-static_cast<int64_t>(ERESTARTSYS));
    for (;;) {
        const Task* task = running(self);
        if (!task) return nullptr;
        if (task->flags & task_in_syscall) {
            spend_system_time(m_, self, syscall_ns);
            m_.call_bytes = 0;
            const Served served = resume_syscall(m_, self);
            charge_bytes(self, served);
            if (served != Served::done) continue;
            task = &m_[self];
        }
        const uint64_t result = task->cpu.gpr[x86::rax];
        const bool restarts = task->orig_rax != ~0ull && result >= first_restart && result <= last_restart;
        if (!restarts && !(task->flags & (task_restore_sigmask | task_sigpending))) return task;
        deliver_signals(m_, self);
        if (running(self)) m_.edit(self).orig_rax = ~0ull;
    }
}

void Runner::serve(TaskId self, const x86::Exit& exit)
{
    switch (exit.kind) {
        case x86::ExitKind::budget:
            break;
        case x86::ExitKind::syscall:
            serve_syscall(self);
            break;
        case x86::ExitKind::rdtsc:
            serve_rdtsc(self, exit.rdtscp);
            break;
        case x86::ExitKind::fault:
            serve_fault(self, exit);
            break;
    }
}

void Runner::serve_syscall(TaskId self)
{
    m_.call_bytes = 0;
    const Served served = enter_syscall(m_, self);
    charge_bytes(self, served);
    if (served == Served::unsupported) {
        const Task& task = m_[self];
        if (task.orig_rax >= syscall_limit || !reported_[task.orig_rax])
            report_unsupported(self, task.orig_rax, task.cpu.rip);
        if (task.orig_rax < syscall_limit) reported_[task.orig_rax] = true;
    }
}

// So a loop of calls that move much ends at its time, not long after.
void Runner::charge_bytes(TaskId self, Served served)
{
    const uint64_t bytes = m_.call_bytes;
    if (bytes > included_bytes && served != Served::gone)
        spend_system_time(m_, self, (bytes - included_bytes) / bytes_per_ns);
}

// One tick an instruction, as a processor whose counter runs at its own pace.
void Runner::serve_rdtsc(TaskId self, bool rdtscp)
{
    if (m_[self].flags & task_no_rdtsc) {
        m_.edit(self).cpu.rip -= rdtscp ? 3 : 2;
        x86::Exit refused;
        refused.kind = x86::ExitKind::fault;
        refused.vector = x86::Vector::general_protection;
        raise_trap(m_, self, refused);
        return;
    }
    spend_spinning(m_, self);
    const Processor& cpu = processor(m_.state.turn - 1);
    const uint64_t ticks = m_.state.now_ns * instructions_per_ns + cpu.spare;
    auto& gpr = m_.edit(self).cpu.gpr;
    gpr[x86::rax] = ticks & 0xffff'ffff;
    gpr[x86::rdx] = ticks >> 32;
    if (rdtscp) gpr[x86::rcx] = m_.state.turn - 1;
}

void Runner::serve_fault(TaskId self, const x86::Exit& exit)
{
    if (only_again(exit)) return;
    emit(m_, EventKind::fault, self, static_cast<uint64_t>(exit.vector), exit.address);
    if (exit.vector == x86::Vector::page_fault && FaultReason::unpack(exit.code).out_of_memory) {
        // The instruction is tried again once somebody gave memory back.
        spend_system_time(m_, self, out_of_memory(m_, self));
        processor(m_.state.turn - 1).slice_left = 0;
        return;
    }
    if (exit.unknown_instruction) report_unsupported(self, ~0ull, m_[self].cpu.rip);
    raise_trap(m_, self, exit);
}

void Runner::report_unsupported(TaskId self, uint64_t number, uint64_t rip)
{
    met_unsupported_ = true;
    emit(m_, EventKind::unsupported, self, number, rip);
}

/// Builds with audits look at the whole machine after each call while it is small, else now and then.
void Runner::audit_now_and_then()
{
#ifdef NORN_AUDIT
    constexpr uint64_t small = 2000;
    if (until_audit_-- > 0) return;
    uint64_t objects = 0;
#define NORN_COUNT_POOL(type, name) objects += m_.pool<type>().size();
    NORN_POOLS(NORN_COUNT_POOL)
#undef NORN_COUNT_POOL
    until_audit_ = objects / small * objects / small;
    const AuditReport report = audit(m_);
    for (const std::string& sentence : report.broken)
        std::fprintf(stderr, "norn: audit: %s\n", sentence.c_str());
    NORN_ASSERT(report.broken.empty());
#endif
}

/// The vector state of who ran last goes where it lives while its task does not run.
void Runner::save_fpu()
{
    const TaskId task = m_.live_fpu_task;
    m_.live_fpu_task = {};
    if (m_.alive(task) && m_[task].state != TaskState::zombie) pack_fpu(m_, task, fpu_);
}

void Runner::switch_to(TaskId self)
{
    if (m_.live_fpu_task == self) return;
    save_fpu();
    load_fpu(m_, self, fpu_);
    // L2: which chunks are in use must not tell whether a run was stopped in between.
    free_fpu(m_, self);
    m_.live_fpu_task = self;
}

/// What changed in the machine's mappings, and which of them are to be used.
void Runner::tell_engine(MmId mm)
{
    for (const SpaceNotice& notice : m_.notices) {
        const uint64_t key = space_key(notice.space);
        switch (notice.kind) {
            case SpaceNotice::Kind::invalidate:
                engine_.invalidate(key, notice.start, notice.end);
                break;
            case SpaceNotice::Kind::copied:
                engine_.copy_space(key, space_key(notice.start));
                break;
            case SpaceNotice::Kind::recheck_code:
                engine_.recheck_code();
                break;
            case SpaceNotice::Kind::forget:
                engine_.forget_space(key);
                break;
            case SpaceNotice::Kind::invalidate_all:
                engine_.invalidate_all();
                break;
        }
    }
    m_.notices.clear();
    if (mm == mm_) return;
    mm_ = mm;
    memory_.select(mm);
    engine_.switch_space(space_key(m_[mm].space));
}

}  // namespace

StopReason run(Machine& m, x86::Engine& engine, Decider& decider, Host& host, Events* events,
               const RunLimits& limits)
{
    m.decider = &decider;
    m.host = &host;
    m.events = events;
    m.wanted_events = events ? events->wanted() : 0;
    m.open_choices = limits.open_choices;
    const StopReason reason = [&] {
        const x86::SignalsHeldBack held_back;
        Runner runner(m, engine, limits);
        return runner.go();
    }();
    m.decider = nullptr;
    m.host = nullptr;
    m.events = nullptr;
    m.wanted_events = 0;
    m.open_choices = all_choices;
    return reason;
}

void arrive(Machine& m, const Arrival& arrival, Host& host)
{
    m.host = &host;
    outside_arrive(m, arrival);
    m.host = nullptr;
}

}  // namespace norn
