#include "kernel/sched.h"

#include <algorithm>
#include <array>
#include <vector>

#include "kernel/timer.h"
#include "lib/pairing_heap.h"

namespace norn {

namespace {
/// A task that slept is put at most this far behind the others.
constexpr uint64_t sleeper_credit_ns = 1'400'000;

constexpr uint32_t idle_weight = 3;

/// Weights of nice -20 to 19: 1024 at 0, a quarter more or less each step (sched(7)).
constexpr std::array<uint32_t, 40> weights = [] {
    std::array<uint32_t, 40> table{};
    const auto nearest = [](double weight) {
        const auto whole = static_cast<uint32_t>(weight);
        return weight - whole < 0.5 ? whole : whole + 1;
    };
    double up = 1024;
    for (std::size_t i = 20; i-- > 0;) table[i] = nearest(up *= 1.25);
    double down = 1024;
    for (std::size_t i = 20; i < 40; ++i, down /= 1.25) table[i] = nearest(down);
    return table;
}();

bool runs_before(const Machine& m, TaskId a, TaskId b)
{
    const Task& first = m[a];
    const Task& second = m[b];
    if (first.rt_priority != second.rt_priority) return first.rt_priority > second.rt_priority;
    if (first.vruntime != second.vruntime) return first.vruntime < second.vruntime;
    return a.index() < b.index();
}

using RunQueue = PairingHeap<Task, runs_before>;

void insert(Machine& m, TaskId task)
{
    Task& t = m.edit(task);
    NORN_ASSERT(!(t.flags & task_on_queue) && !t.waits);
    t.flags |= task_on_queue;
    t.state = TaskState::running;
    RunQueue::insert(m, m.state.run_queue, task);
    ++m.state.runnable;
}

bool allowed_on(const Task& task, uint32_t cpu)
{
    return task.affinity >> cpu & 1;
}
}  // namespace

void enqueue_task(Machine& m, TaskId task)
{
    if (m[task].flags & task_on_queue) return;
    Task& t = m.edit(task);
    if (t.rt_priority > 0) {
        t.vruntime = ++m.state.rt_sequence;
    } else {
        const uint64_t floor = std::max(m.state.min_vruntime, sleeper_credit_ns) - sleeper_credit_ns;
        t.vruntime = std::max(t.vruntime, floor);
    }
    t.ready_ns = std::max(t.ready_ns, m.state.now_ns);
    insert(m, task);
}

void requeue_task(Machine& m, TaskId task)
{
    if (m[task].policy == sched_rr) m.edit(task).vruntime = ++m.state.rt_sequence;
    insert(m, task);
}

void dequeue_task(Machine& m, TaskId task)
{
    if (!(m[task].flags & task_on_queue)) return;
    RunQueue::remove(m, m.state.run_queue, task);
    m.edit(task).flags &= ~task_on_queue;
    --m.state.runnable;
}

TaskId peek_task(const Machine& m)
{
    return m.state.run_queue;
}

TaskId peek_task_for(const Machine& m, uint32_t cpu)
{
    const TaskId root = m.state.run_queue;
    if (!root || allowed_on(m[root], cpu)) return root;
    // Some are bound to other processors: look below those only, since no child comes before its parent.
    TaskId best;
    std::vector<TaskId> below{m[root].heap_child};
    while (!below.empty()) {
        const TaskId task = below.back();
        below.pop_back();
        if (!task) continue;
        below.push_back(m[task].heap_next);
        if (!allowed_on(m[task], cpu))
            below.push_back(m[task].heap_child);
        else if (!best || runs_before(m, task, best))
            best = task;
    }
    return best;
}

TaskId take_task(Machine& m, uint32_t cpu, uint64_t n)
{
    std::vector<TaskId> passed;
    TaskId taken = peek_task_for(m, cpu);
    for (; n > 0 && taken; --n) {
        dequeue_task(m, taken);
        passed.push_back(taken);
        taken = peek_task_for(m, cpu);
    }
    if (!taken && !passed.empty()) {
        taken = passed.back();
        passed.pop_back();
    } else if (taken) {
        dequeue_task(m, taken);
    }
    for (const TaskId task : passed) insert(m, task);
    return taken;
}

std::vector<TaskId> runnable_tasks(const Machine& m, uint32_t most)
{
    std::vector<TaskId> tasks;
    if (!m.state.run_queue || m.state.runnable > most) return tasks;
    std::vector<TaskId> below{m.state.run_queue};
    while (!below.empty()) {
        const TaskId task = below.back();
        below.pop_back();
        tasks.push_back(task);
        if (const TaskId next = m[task].heap_next) below.push_back(next);
        if (const TaskId child = m[task].heap_child) below.push_back(child);
    }
    std::sort(tasks.begin(), tasks.end(), [&](TaskId a, TaskId b) { return runs_before(m, a, b); });
    return tasks;
}

bool preempts(const Machine& m, TaskId running)
{
    const auto comes_first = [&](TaskId task) {
        return task && m[task].rt_priority > m[running].rt_priority;
    };
    // The first of all may be bound to another processor, whose turn only comes if this one gets on.
    return comes_first(m.state.run_queue) && comes_first(peek_task_for(m, m[running].cpu_number));
}

void yield_task(Machine& m, TaskId task)
{
    Task& t = m.edit(task);
    if (t.rt_priority > 0)
        t.vruntime = ++m.state.rt_sequence;
    else
        t.vruntime = std::max(t.vruntime, m.state.min_vruntime);
}

void run_soon(Machine& m, TaskId task)
{
    if (m[task].rt_priority > 0) return;
    const bool queued = m[task].flags & task_on_queue;
    dequeue_task(m, task);
    m.edit(task).vruntime = 0;
    if (queued) insert(m, task);
}

void sched_fork(Machine& m, TaskId child)
{
    Task& t = m.edit(child);
    if (t.flags & task_reset_on_fork) {
        if (t.rt_priority > 0) t.policy = sched_other;
        t.rt_priority = 0;
        t.nice = std::max<int8_t>(t.nice, 0);
        t.flags &= ~task_reset_on_fork;
    }
    t.vruntime = t.rt_priority > 0 ? 0 : std::max(t.vruntime, m.state.min_vruntime);
}

void move_to_allowed_processor(Machine& m, TaskId task)
{
    for (uint32_t p = 0; p < m.state.limits.cpus; ++p)
        if (m.state.processors[p].current == task && !allowed_on(m[task], p))
            m.state.processors[p].slice_left = 0;
}

void set_policy(Machine& m, TaskId task, uint8_t policy, uint8_t rt_priority, int8_t nice)
{
    const bool queued = m[task].flags & task_on_queue;
    dequeue_task(m, task);
    Task& t = m.edit(task);
    const bool was_rt = t.rt_priority > 0;
    t.policy = policy;
    t.rt_priority = rt_priority;
    t.nice = nice;
    // The two meanings of vruntime do not mix.
    if (rt_priority > 0)
        t.vruntime = ++m.state.rt_sequence;
    else if (was_rt)
        t.vruntime = m.state.min_vruntime;
    if (queued) insert(m, task);
}

namespace {
/// Time on a processor as virtual runtime; the same sum however the time was cut.
void add_vruntime(Task& task, uint64_t ns)
{
    const uint32_t weight =
        task.policy == sched_idle ? idle_weight : weights[static_cast<std::size_t>(task.nice + 20)];
    if (weight == 1024) {
        task.vruntime += ns;
        return;
    }
    const uint64_t parts = ns * 1024 + task.vruntime_rest;
    task.vruntime += parts / weight;
    task.vruntime_rest = static_cast<uint32_t>(parts % weight);
}
}  // namespace

void spend(Machine& m, Task& running, uint64_t instructions, uint64_t system_ns)
{
    NORN_ASSERT(m.state.turn != 0);
    Processor& cpu = m.state.processors[m.state.turn - 1];
    const uint64_t all = instructions + cpu.spare;
    const uint64_t user_ns = all / instructions_per_ns;
    cpu.spare = static_cast<uint8_t>(all % instructions_per_ns);
    cpu.slice_left -= std::min(cpu.slice_left, instructions + system_ns * instructions_per_ns);
    cpu.clock_ns += user_ns + system_ns;
    m.state.now_ns = std::max(m.state.now_ns, cpu.clock_ns);
    m.state.retired += instructions;
    running.retired += instructions;
    running.utime_ns += user_ns;
    running.stime_ns += system_ns;
    if (running.rt_priority == 0) add_vruntime(running, user_ns + system_ns);
}

void spend_spinning(Machine& m, TaskId self)
{
    // A loop that works between its looks at the clock does not wait for it.
    constexpr uint32_t working = 20'000;
    constexpr uint32_t free_looks = 16;
    constexpr uint64_t first_ns = 100, most_ns = 1'000'000;
    // No two looks see the same time, even where another processor's clock is ahead of this one's.
    ++m.state.now_ns;
    Task& task = m.edit(self);
    const auto retired = static_cast<uint32_t>(task.retired);
    task.spins = retired - task.spin_retired < working ? task.spins + 1 : 0;
    task.spin_retired = retired;
    if (task.spins < free_looks) return;
    const uint32_t doublings = std::min((task.spins - free_looks) / 4, 20u);
    const uint64_t spun_ns = std::min(first_ns << doublings, most_ns);
    spend_system_time(m, self, spun_ns);
    // The program would have looked many times more, most of them without the kernel (vdso(7)).
    Task& spinning = m.edit(self);
    spinning.stime_ns -= spun_ns;
    spinning.utime_ns += spun_ns;
}

uint64_t choose(Machine& m, TaskId asking, ChoiceKind kind, uint64_t options)
{
    if (options == 1 || !(m.open_choices & choice_bit(kind))) return 0;
    NORN_ASSERT(m.decider);
    const bool scheduling = scheduling_choices & choice_bit(kind);
    Task& t = m.edit(asking);
    uint32_t& count = scheduling ? t.sched_choices : t.choices;
    const Choice choice{kind, t.lineage, count++, options};
    const uint64_t answer = m.decider->choose(m, choice);
    NORN_ASSERT(options == 0 || answer < options);
    return answer;
}

}  // namespace norn
