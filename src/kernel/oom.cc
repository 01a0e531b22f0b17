#include "kernel/oom.h"

#include <algorithm>
#include <vector>

#include "kernel/sched.h"
#include "kernel/signal.h"
#include "kernel/task.h"

namespace norn {

namespace {
constexpr int32_t oom_score_adj_min = -1000;

/// A thread of the group that still has its memory.
TaskId thread_with_memory(const Machine& m, SignalId group)
{
    for (TaskId t = m[group].first_thread; t; t = m[t].next_thread)
        if (m[t].mm) return t;
    return {};
}

SigInfo oom_kill_info()
{
    SigInfo info;
    info.signo = SIGKILL_;
    info.code = 0x80;  // SI_KERNEL
    return info;
}

/// Whoever is to give memory back runs before those who wait for it.
void kill_group(Machine& m, SignalId group)
{
    emit(m, EventKind::oom_kill, m[group].first_thread);
    send_signal_group(m, group, oom_kill_info());
    for (TaskId t = m[group].first_thread; t; t = m[t].next_thread) run_soon(m, t);
    m.state.oom_victim = group;
}

/// Has it been killed, and not given its memory back yet?
bool on_the_way_out(const Machine& m, SignalId group)
{
    const TaskId thread = m.alive(group) ? thread_with_memory(m, group) : TaskId{};
    return thread && fatal_signal_pending(m, thread);
}
}  // namespace

bool kernel_memory_full(const Machine& m)
{
    uint64_t bytes = 0;
#define NORN_ADD_POOL(type, name) bytes += m.pool<type>().size() * sizeof(type);
    NORN_POOLS(NORN_ADD_POOL)
#undef NORN_ADD_POOL
    return bytes / 4096 > m.state.limits.memory_pages / 2;
}

uint64_t oom_badness(const Machine& m, SignalId group)
{
    const Signal& signal = m[group];
    const TaskId thread = thread_with_memory(m, group);
    if (!thread || (signal.flags & signal_unkillable) || signal.oom_score_adj == oom_score_adj_min) return 0;
    const auto total = static_cast<int64_t>(m.state.limits.memory_pages);
    const int64_t points =
        static_cast<int64_t>(m[m[thread].mm].rss_pages) + signal.oom_score_adj * (total / 1000);
    return static_cast<uint64_t>(std::max<int64_t>(points, 1));
}

uint64_t out_of_memory(Machine& m, TaskId self)
{
    constexpr uint64_t wait_ns = 10'000, kill_ns = 100'000, look_ns = 1000;
    if (on_the_way_out(m, m.state.oom_victim)) return wait_ns;
    SignalId worst;
    uint64_t most = 0;
    m.pool<Signal>().each([&](SignalId group, const Signal& signal) {
        if (on_the_way_out(m, group)) m.state.oom_victim = group;
        const uint64_t points = oom_badness(m, group);
        if (points > most && !(signal.flags & signal_group_exit)) {
            most = points;
            worst = group;
        }
    });
    const uint64_t looking_ns = look_ns * m.pool<Signal>().size();
    if (on_the_way_out(m, m.state.oom_victim)) return looking_ns;
    const MmId memory = m[thread_with_memory(m, worst ? worst : m[self].signal)].mm;
    std::vector<SignalId> sharers;
    m.pool<Signal>().each([&](SignalId group, const Signal& signal) {
        const TaskId thread = thread_with_memory(m, group);
        if (thread && m[thread].mm == memory && !(signal.flags & signal_unkillable)) sharers.push_back(group);
    });
    for (const SignalId group : sharers) kill_group(m, group);
    if (sharers.empty()) force_signal(m, self, oom_kill_info());
    return kill_ns + looking_ns;
}

}  // namespace norn
