// Small files of /proc/PID: names, identity, what can be set.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fs/proc.h"
#include "kernel/task.h"

namespace norn {

namespace {

constexpr int cap_sys_nice = 23;
constexpr int64_t most_adj = 1000;
constexpr int64_t oom_disable = -17, most_oom_adj = 15;

Result<> set_oom_score_adj(const ProcView& view, int64_t value)
{
    const SignalId process = view.t().signal;
    const bool lowers = value < view.m[process].oom_score_adj;
    if (lowers && !capable(view.m, view.reader, cap_sys_resource)) return EACCES;
    view.m.edit(process).oom_score_adj = static_cast<int32_t>(value);
    return {};
}

}  // namespace

ProcText proc_self(const ProcView& view)
{
    if (!view.reader) return ENOENT;
    return std::to_string(tgid_nr(view.m, view.reader));
}

ProcText proc_thread_self(const ProcView& view)
{
    if (!view.reader) return ENOENT;
    return fmt::format("{}/task/{}", tgid_nr(view.m, view.reader), pid_nr(view.m, view.reader));
}

ProcText proc_comm(const ProcView& view)
{
    const auto& comm = view.t().comm;
    return std::string(comm.begin(), std::find(comm.begin(), comm.end(), '\0')) + "\n";
}

Result<> proc_store_comm(const ProcView& view, std::string_view bytes)
{
    if (view.m[view.reader].signal != view.t().signal) return EINVAL;
    std::array<char, 16> comm{};
    const std::string_view name = bytes.substr(0, std::min(bytes.find('\0'), comm.size() - 1));
    std::copy(name.begin(), name.end(), comm.begin());
    view.m.edit(view.task).comm = comm;
    return {};
}

ProcText proc_personality(const ProcView& view)
{
    return fmt::format("{:08x}\n", view.t().personality);
}

// How likely the process is the one to be killed, in thousandths (oom_kill.c).
ProcText proc_oom_score(const ProcView& view)
{
    const MmId mm = view.t().mm;
    const int64_t adj = view.process().oom_score_adj;
    if (!mm || adj == -most_adj) return std::string("0\n");
    const auto total = static_cast<int64_t>(view.m.state.limits.memory_pages);
    const auto resident = static_cast<int64_t>(resident_of(view.m, mm).total());
    const int64_t badness = resident + adj * total / most_adj;
    return fmt::format("{}\n", std::max<int64_t>(0, (most_adj + badness * most_adj / total) * 2 / 3));
}

ProcText proc_oom_score_adj(const ProcView& view)
{
    return fmt::format("{}\n", view.process().oom_score_adj);
}

Result<> proc_store_oom_score_adj(const ProcView& view, std::string_view bytes)
{
    const int64_t value = TRY(parse_number(bytes));
    if (value < -most_adj || value > most_adj) return EINVAL;
    return set_oom_score_adj(view, value);
}

ProcText proc_oom_adj(const ProcView& view)
{
    const int64_t adj = view.process().oom_score_adj;
    if (adj == most_adj) return fmt::format("{}\n", most_oom_adj);
    return fmt::format("{}\n", adj * -oom_disable / most_adj);
}

Result<> proc_store_oom_adj(const ProcView& view, std::string_view bytes)
{
    const int64_t value = TRY(parse_number(bytes));
    if (value < oom_disable || value > most_oom_adj) return EINVAL;
    return set_oom_score_adj(view, value == most_oom_adj ? most_adj : value * most_adj / -oom_disable);
}

ProcText proc_timerslack(const ProcView& view)
{
    if (view.task != view.reader && view.reader && !capable(view.m, view.reader, cap_sys_nice)) return EPERM;
    return fmt::format("{}\n", view.t().timer_slack_ns);
}

Result<> proc_store_timerslack(const ProcView& view, std::string_view bytes)
{
    const int64_t value = TRY(parse_number(bytes));
    if (value < 0) return EINVAL;
    if (view.task != view.reader && !capable(view.m, view.reader, cap_sys_nice)) return EPERM;
    const uint32_t slack = value == 0 ? view.t().default_timer_slack_ns
                                      : static_cast<uint32_t>(std::min<int64_t>(value, UINT32_MAX));
    view.m.edit(view.task).timer_slack_ns = slack;
    return {};
}

ProcText proc_timers(const ProcView& view)
{
    constexpr std::array<std::string_view, 8> kinds = {"signal", "none", "thread", "", "signal", "", "", ""};
    constexpr uint8_t to_thread = 4;
    std::string text;
    for (TimerId id = view.process().posix_timers; id; id = view.m[id].next) {
        const Timer& timer = view.m[id];
        const bool thread = timer.notify & to_thread;
        const uint32_t target =
            thread && timer.task ? pid_nr(view.m, timer.task) : tgid_nr(view.m, view.task);
        text += fmt::format("ID: {}\nsignal: {}/{:016x}\nnotify: {}/{}.{}\nClockID: {}\n", timer.id,
                            timer.signo, timer.value, kinds[timer.notify % kinds.size()],
                            thread ? "tid" : "pid", target, timer.clock);
    }
    return text;
}

}  // namespace norn
