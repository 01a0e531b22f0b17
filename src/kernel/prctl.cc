// prctl(2). Each option is one case; what an option checks of its unused arguments is Linux's choice.
#include <algorithm>
#include <vector>

#include "kernel/cred.h"
#include "kernel/signal.h"
#include "kernel/syscalls_life.h"
#include "kernel/task.h"
#include "mm/usercopy.h"

namespace norn {

namespace {

enum PrctlOption : int {
    PR_SET_PDEATHSIG_ = 1,
    PR_GET_PDEATHSIG_ = 2,
    PR_GET_DUMPABLE_ = 3,
    PR_SET_DUMPABLE_ = 4,
    PR_GET_KEEPCAPS_ = 7,
    PR_SET_KEEPCAPS_ = 8,
    PR_GET_TIMING_ = 13,
    PR_SET_TIMING_ = 14,
    PR_SET_NAME_ = 15,
    PR_GET_NAME_ = 16,
    PR_GET_SECCOMP_ = 21,
    PR_CAPBSET_READ_ = 23,
    PR_CAPBSET_DROP_ = 24,
    PR_GET_TSC_ = 25,
    PR_SET_TSC_ = 26,
    PR_GET_SECUREBITS_ = 27,
    PR_SET_SECUREBITS_ = 28,
    PR_SET_TIMERSLACK_ = 29,
    PR_GET_TIMERSLACK_ = 30,
    PR_TASK_PERF_EVENTS_DISABLE_ = 31,
    PR_TASK_PERF_EVENTS_ENABLE_ = 32,
    PR_SET_CHILD_SUBREAPER_ = 36,
    PR_GET_CHILD_SUBREAPER_ = 37,
    PR_SET_NO_NEW_PRIVS_ = 38,
    PR_GET_NO_NEW_PRIVS_ = 39,
    PR_GET_TID_ADDRESS_ = 40,
    PR_SET_THP_DISABLE_ = 41,
    PR_GET_THP_DISABLE_ = 42,
    PR_CAP_AMBIENT_ = 47,
    PR_GET_AUXV_ = 0x41555856,
};

using Args = std::array<uint64_t, 4>;  ///< arguments 2 to 5

bool any_of_rest(const Args& args, std::size_t from)
{
    for (std::size_t i = from; i < args.size(); ++i)
        if (args[i]) return true;
    return false;
}

bool valid_capability(uint64_t capability)
{
    return capability <= static_cast<uint64_t>(last_capability);
}

Result<uint64_t> done(Result<> result)
{
    if (!result.ok()) return result.error();
    return uint64_t{0};
}

Result<uint64_t> get_name(Machine& m, TaskId self, uint64_t to)
{
    const auto comm = m[self].comm;
    return done(put_user(m, self, UserPtr<std::array<char, 16>>{to}, comm));
}

Result<uint64_t> set_name(Machine& m, TaskId self, uint64_t from)
{
    std::array<char, 16> name{};
    for (std::size_t i = 0; i + 1 < name.size(); ++i) {
        name[i] = TRY(get_user(m, self, UserPtr<char>{from + i}));
        if (name[i] == '\0') break;
    }
    m.edit(self).comm = name;
    return uint64_t{0};
}

Result<uint64_t> set_keepcaps(Machine& m, TaskId self, uint64_t on)
{
    if (on > 1) return EINVAL;
    Cred cred = m[m[self].cred];
    if (cred.securebits & secbit_keep_caps_locked) return EPERM;
    cred.securebits = (cred.securebits & ~secbit_keep_caps) | (on ? secbit_keep_caps : 0u);
    commit_cred(m, self, cred);
    return uint64_t{0};
}

Result<uint64_t> set_securebits(Machine& m, TaskId self, uint64_t wanted)
{
    constexpr uint64_t all_bits = 0xff, lock_bits = 0xaa;
    Cred cred = m[m[self].cred];
    const uint64_t locked = (cred.securebits & lock_bits) >> 1;
    const bool changes_locked = locked & (cred.securebits ^ wanted);
    const bool unlocks = cred.securebits & lock_bits & ~wanted;
    if (changes_locked || unlocks || (wanted & ~all_bits) || !capable(m, self, CAP_SETPCAP_)) return EPERM;
    cred.securebits = static_cast<uint32_t>(wanted);
    commit_cred(m, self, cred);
    return uint64_t{0};
}

Result<uint64_t> drop_bounding(Machine& m, TaskId self, uint64_t capability)
{
    if (!capable(m, self, CAP_SETPCAP_)) return EPERM;
    if (!valid_capability(capability)) return EINVAL;
    Cred cred = m[m[self].cred];
    cred.cap_bounding &= ~(1ull << capability);
    commit_cred(m, self, cred);
    return uint64_t{0};
}

Result<uint64_t> ambient(Machine& m, TaskId self, const Args& args)
{
    constexpr uint64_t is_set = 1, raise = 2, lower = 3, clear_all = 4;
    const uint64_t operation = args[0];
    Cred cred = m[m[self].cred];
    if (operation == clear_all) {
        if (any_of_rest(args, 1)) return EINVAL;
        cred.cap_ambient = 0;
        commit_cred(m, self, cred);
        return uint64_t{0};
    }
    if (any_of_rest(args, 2) || !valid_capability(args[1])) return EINVAL;
    const uint64_t bit = 1ull << args[1];
    if (operation == is_set) return uint64_t{(cred.cap_ambient & bit) != 0};
    if (operation != raise && operation != lower) return EINVAL;
    if (operation == raise) {
        const bool held = (cred.cap_permitted & bit) && (cred.cap_inheritable & bit);
        if (!held || (cred.securebits & secbit_no_cap_ambient_raise)) return EPERM;
    }
    cred.cap_ambient = operation == raise ? cred.cap_ambient | bit : cred.cap_ambient & ~bit;
    commit_cred(m, self, cred);
    return uint64_t{0};
}

/// Descendants look for a sub-reaper only if they are told that there is one.
void mark_descendants(Machine& m, SignalId of)
{
    std::vector<SignalId> groups = {of};
    while (!groups.empty()) {
        const SignalId group = groups.back();
        groups.pop_back();
        for (TaskId t = m[group].first_thread; t; t = m[t].next_thread) {
            for (TaskId child = m[t].first_child; child; child = m[child].next_sibling) {
                const SignalId signal = m[child].signal;
                if (m[signal].flags & signal_has_child_subreaper) continue;
                m.edit(signal).flags |= signal_has_child_subreaper;
                groups.push_back(signal);
            }
        }
    }
}

void set_subreaper(Machine& m, TaskId self, bool on)
{
    Signal& s = m.edit(m[self].signal);
    s.flags = (s.flags & ~signal_child_subreaper) | (on ? signal_child_subreaper : 0u);
    if (on) mark_descendants(m, m[self].signal);
}

Result<uint64_t> set_timer_slack(Machine& m, TaskId self, uint64_t slack_ns)
{
    Task& t = m.edit(self);
    const bool back_to_default = static_cast<int64_t>(slack_ns) <= 0;
    t.timer_slack_ns = back_to_default ? t.default_timer_slack_ns
                                       : static_cast<uint32_t>(std::min<uint64_t>(slack_ns, UINT32_MAX));
    return uint64_t{0};
}

Result<uint64_t> get_auxv(Machine& m, TaskId self, const Args& args)
{
    if (any_of_rest(args, 2)) return EINVAL;
    const auto auxv = m[m[self].mm].auxv;
    const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(auxv.data()), sizeof auxv);
    const std::size_t size = std::min<std::size_t>(args[1], bytes.size());
    if (write_user(m, m[self].mm, args[0], bytes.first(size)) != size) return EFAULT;
    return uint64_t{bytes.size()};
}

Result<uint64_t> put_int(Machine& m, TaskId self, uint64_t to, int value)
{
    return done(put_user(m, self, UserPtr<int>{to}, value));
}

/// Options about credentials and capabilities.
Result<uint64_t> prctl_cred(Machine& m, TaskId self, int option, const Args& args)
{
    switch (option) {
        case PR_GET_KEEPCAPS_:
            return uint64_t{(m[m[self].cred].securebits & secbit_keep_caps) != 0};
        case PR_SET_KEEPCAPS_:
            return set_keepcaps(m, self, args[0]);
        case PR_GET_SECUREBITS_:
            return uint64_t{m[m[self].cred].securebits};
        case PR_SET_SECUREBITS_:
            return set_securebits(m, self, args[0]);
        case PR_CAPBSET_READ_:
            if (!valid_capability(args[0])) return EINVAL;
            return m[m[self].cred].cap_bounding >> args[0] & 1;
        case PR_CAPBSET_DROP_:
            return drop_bounding(m, self, args[0]);
        case PR_CAP_AMBIENT_:
            return ambient(m, self, args);
        case PR_SET_NO_NEW_PRIVS_:
            if (args[0] != 1 || any_of_rest(args, 1)) return EINVAL;
            m.edit(self).flags |= task_no_new_privs;
            return uint64_t{0};
        case PR_GET_NO_NEW_PRIVS_:
            if (any_of_rest(args, 0)) return EINVAL;
            return uint64_t{(m[self].flags & task_no_new_privs) != 0};
        default:
            return EINVAL;
    }
}

/// Options that are fixed here: what cannot be changed reads as what it is.
Result<uint64_t> prctl_fixed(int option, const Args& args)
{
    switch (option) {
        case PR_GET_TIMING_:
        case PR_GET_SECCOMP_:
        case PR_TASK_PERF_EVENTS_DISABLE_:
        case PR_TASK_PERF_EVENTS_ENABLE_:
            return uint64_t{0};
        case PR_SET_TIMING_:
            if (args[0] != 0) return EINVAL;
            return uint64_t{0};
        case PR_SET_THP_DISABLE_:  // there are no huge pages to do without
            if (args[0] > 1 || any_of_rest(args, 1)) return EINVAL;
            return uint64_t{0};
        case PR_GET_THP_DISABLE_:
            if (any_of_rest(args, 0)) return EINVAL;
            return uint64_t{0};
        default:
            return EINVAL;
    }
}

}  // namespace

Result<uint64_t> sys_prctl(Machine& m, TaskId self, int option, uint64_t arg2, uint64_t arg3, uint64_t arg4,
                           uint64_t arg5)
{
    const Args args = {arg2, arg3, arg4, arg5};
    switch (option) {
        case PR_SET_PDEATHSIG_:
            if (arg2 > SIGRTMAX_) return EINVAL;
            m.edit(self).pdeath_signal = static_cast<int16_t>(arg2);
            return uint64_t{0};
        case PR_GET_PDEATHSIG_:
            return put_int(m, self, arg2, m[self].pdeath_signal);
        case PR_GET_DUMPABLE_:
            return uint64_t{m[m[self].mm].dumpable};
        case PR_SET_DUMPABLE_:
            if (arg2 > 1) return EINVAL;
            m.edit(m[self].mm).dumpable = static_cast<uint32_t>(arg2);
            return uint64_t{0};
        case PR_SET_NAME_:
            return set_name(m, self, arg2);
        case PR_GET_NAME_:
            return get_name(m, self, arg2);
        case PR_GET_TSC_:
            return put_int(m, self, arg2, m[self].flags & task_no_rdtsc ? 2 : 1);
        case PR_SET_TSC_:
            if (arg2 != 1 && arg2 != 2) return EINVAL;
            m.edit(self).flags &= ~task_no_rdtsc;
            if (arg2 == 2) m.edit(self).flags |= task_no_rdtsc;
            return uint64_t{0};
        case PR_SET_TIMERSLACK_:
            return set_timer_slack(m, self, arg2);
        case PR_GET_TIMERSLACK_:
            return uint64_t{m[self].rt_priority ? 0 : m[self].timer_slack_ns};
        case PR_SET_CHILD_SUBREAPER_:
            set_subreaper(m, self, arg2 != 0);
            return uint64_t{0};
        case PR_GET_CHILD_SUBREAPER_:
            return put_int(m, self, arg2, (m[m[self].signal].flags & signal_child_subreaper) != 0);
        case PR_GET_TID_ADDRESS_:
            return done(put_user(m, self, UserPtr<uint64_t>{arg2}, uint64_t{m[self].clear_child_tid}));
        case PR_GET_AUXV_:
            return get_auxv(m, self, args);
        case PR_GET_TIMING_:
        case PR_SET_TIMING_:
        case PR_GET_SECCOMP_:
        case PR_TASK_PERF_EVENTS_DISABLE_:
        case PR_TASK_PERF_EVENTS_ENABLE_:
        case PR_SET_THP_DISABLE_:
        case PR_GET_THP_DISABLE_:
            return prctl_fixed(option, args);
        default:
            return prctl_cred(m, self, option, args);
    }
}

}  // namespace norn
