#include "kernel/rusage.h"

#include <algorithm>

#include "kernel/syscalls_life.h"
#include "kernel/task.h"
#include "mm/usercopy.h"

namespace norn {

namespace {

/// The same numbers in the kernel's units.
struct Usage {
    uint64_t utime_ns = 0, stime_ns = 0, min_flt = 0, maj_flt = 0, nvcsw = 0, nivcsw = 0, maxrss = 0;
};

void add_thread(Usage& u, const Task& t)
{
    u.utime_ns += t.utime_ns;
    u.stime_ns += t.stime_ns;
    u.min_flt += t.min_flt;
    u.maj_flt += t.maj_flt;
    u.nvcsw += t.nvcsw;
    u.nivcsw += t.nivcsw;
}

uint64_t rss_peak(const Machine& m, SignalId signal)
{
    uint64_t peak = m[signal].maxrss;
    for (TaskId t = m[signal].first_thread; t; t = m[t].next_thread)
        if (m[t].mm) peak = std::max({peak, m[m[t].mm].hiwater_rss, m[m[t].mm].rss_pages});
    return peak;
}

Usage of_group(const Machine& m, SignalId signal)
{
    const Signal& s = m[signal];
    Usage u{s.utime_ns, s.stime_ns, s.min_flt, s.maj_flt, s.nvcsw, s.nivcsw, rss_peak(m, signal)};
    for (TaskId t = s.first_thread; t; t = m[t].next_thread) add_thread(u, m[t]);
    return u;
}

Usage of_children(const Machine& m, SignalId signal)
{
    const Signal& s = m[signal];
    return {s.cutime_ns, s.cstime_ns, s.cmin_flt, s.cmaj_flt, s.cnvcsw, s.cnivcsw, s.cmaxrss};
}

Usage sum(const Usage& a, const Usage& b)
{
    return {a.utime_ns + b.utime_ns,     a.stime_ns + b.stime_ns, a.min_flt + b.min_flt,
            a.maj_flt + b.maj_flt,       a.nvcsw + b.nvcsw,       a.nivcsw + b.nivcsw,
            std::max(a.maxrss, b.maxrss)};
}

TimeVal to_timeval(uint64_t ns)
{
    return {static_cast<int64_t>(ns / 1'000'000'000), static_cast<int64_t>(ns / 1000 % 1'000'000)};
}

Rusage to_rusage(const Usage& u)
{
    Rusage r;
    r.user = to_timeval(u.utime_ns);
    r.system = to_timeval(u.stime_ns);
    r.maxrss_kib = static_cast<int64_t>(u.maxrss * 4);
    r.min_flt = static_cast<int64_t>(u.min_flt);
    r.maj_flt = static_cast<int64_t>(u.maj_flt);
    r.voluntary = static_cast<int64_t>(u.nvcsw);
    r.involuntary = static_cast<int64_t>(u.nivcsw);
    return r;
}

}  // namespace

Rusage group_usage(const Machine& m, SignalId signal)
{
    return to_rusage(of_group(m, signal));
}

Rusage children_usage(const Machine& m, SignalId signal)
{
    return to_rusage(of_children(m, signal));
}

Rusage thread_usage(const Machine& m, TaskId task)
{
    Usage u;
    add_thread(u, m[task]);
    u.maxrss = rss_peak(m, m[task].signal);
    return to_rusage(u);
}

Rusage total_usage(const Machine& m, SignalId signal)
{
    return to_rusage(sum(of_group(m, signal), of_children(m, signal)));
}

void add_child_usage(Machine& m, SignalId parent, SignalId child)
{
    const Usage u = sum(of_group(m, child), of_children(m, child));
    Signal& s = m.edit(parent);
    s.cutime_ns += u.utime_ns;
    s.cstime_ns += u.stime_ns;
    s.cmin_flt += u.min_flt;
    s.cmaj_flt += u.maj_flt;
    s.cnvcsw += u.nvcsw;
    s.cnivcsw += u.nivcsw;
    s.cmaxrss = std::max(s.cmaxrss, u.maxrss);
}

Result<> sys_getrusage(Machine& m, TaskId self, int who, UserPtr<Rusage> usage)
{
    constexpr int rusage_self = 0, rusage_children = -1, rusage_thread = 1;
    switch (who) {
        case rusage_self:
            return put_user(m, self, usage, group_usage(m, m[self].signal));
        case rusage_children:
            return put_user(m, self, usage, children_usage(m, m[self].signal));
        case rusage_thread:
            return put_user(m, self, usage, thread_usage(m, self));
        default:
            return EINVAL;
    }
}

}  // namespace norn
