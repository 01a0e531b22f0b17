// siginfo as strace shows it.
#include <fmt/format.h>

#include "syscall/flags.h"
#include "syscall/strace_show.h"

namespace norn::strace {

namespace {

constexpr int sigill = 4, sigtrap = 5, sigbus = 7, sigfpe = 8, sigsegv = 11, sigchld = 17, sigsys = 31;

std::string named(std::span<const FlagName> names, int code)
{
    for (const FlagName& name : names)
        if (static_cast<int>(name.value) == code) return std::string(name.name);
    return fmt::format("{:#x}", code);
}

std::string code_name(int signal, int code)
{
    constexpr FlagName segv[] = {{1, "SEGV_MAPERR"}, {2, "SEGV_ACCERR"}};
    constexpr FlagName bus[] = {{1, "BUS_ADRALN"}, {2, "BUS_ADRERR"}, {3, "BUS_OBJERR"}};
    constexpr FlagName fpe[] = {{1, "FPE_INTDIV"}, {2, "FPE_INTOVF"}, {3, "FPE_FLTDIV"}, {4, "FPE_FLTOVF"},
                                {5, "FPE_FLTUND"}, {6, "FPE_FLTRES"}, {7, "FPE_FLTINV"}, {8, "FPE_FLTSUB"}};
    constexpr FlagName ill[] = {{1, "ILL_ILLOPC"}, {2, "ILL_ILLOPN"}};
    constexpr FlagName trap[] = {{1, "TRAP_BRKPT"}, {2, "TRAP_TRACE"}};
    constexpr FlagName child[] = {{1, "CLD_EXITED"},  {2, "CLD_KILLED"},  {3, "CLD_DUMPED"},
                                  {4, "CLD_TRAPPED"}, {5, "CLD_STOPPED"}, {6, "CLD_CONTINUED"}};
    switch (code) {
        case 0:
            return "SI_USER";
        case 0x80:
            return "SI_KERNEL";
        case -1:
            return "SI_QUEUE";
        case -2:
            return "SI_TIMER";
        case -3:
            return "SI_MESGQ";
        case -4:
            return "SI_ASYNCIO";
        case -6:
            return "SI_TKILL";
        default:
            break;
    }
    if (signal == sigsegv) return named(segv, code);
    if (signal == sigbus) return named(bus, code);
    if (signal == sigfpe) return named(fpe, code);
    if (signal == sigill) return named(ill, code);
    if (signal == sigtrap) return named(trap, code);
    if (signal == sigchld) return named(child, code);
    return fmt::format("{:#x}", code);
}

bool is_fault(int signal)
{
    return signal == sigill || signal == sigtrap || signal == sigbus || signal == sigfpe ||
           signal == sigsegv || signal == sigsys;
}

void clock_ticks(std::string& out, std::string_view name, uint64_t ticks)
{
    out += fmt::format(", {}={}", name, ticks);
    if (ticks) out += fmt::format(" /* {}.{:02} s */", ticks / 100, ticks % 100);
}

}  // namespace

void show_signal_info(std::string& out, const SigInfo& info)
{
    constexpr int si_kernel = 0x80, si_queue = -1, si_timer = -2, cld_exited = 1;
    if (info.signo == 0) {
        out += "{}";
        return;
    }
    out +=
        fmt::format("{{si_signo={}, si_code={}", signal_name(info.signo), code_name(info.signo, info.code));
    if (info.signo == sigchld && info.code > 0 && info.code != si_kernel) {
        out +=
            fmt::format(", si_pid={}, si_uid={}, si_status={}", info.pid, info.uid,
                        info.code == cld_exited ? fmt::format("{}", info.status) : signal_name(info.status));
        clock_ticks(out, "si_utime", info.utime);
        clock_ticks(out, "si_stime", info.stime);
    } else if (is_fault(info.signo) && info.code > 0) {
        out += info.value ? fmt::format(", si_addr={:#x}", info.value) : ", si_addr=NULL";
    } else if (info.code == si_timer) {
        out += fmt::format(", si_timerid=0, si_overrun=0, si_int={}, si_ptr={:#x}",
                           static_cast<int>(info.value), info.value);
    } else if (info.code != si_kernel) {
        out += fmt::format(", si_pid={}, si_uid={}", info.pid, info.uid);
        if (info.code == si_queue) {
            out += fmt::format(", si_int={}, si_ptr=", static_cast<int>(info.value));
            out += info.value ? fmt::format("{:#x}", info.value) : "NULL";
        }
    }
    out += "}";
}

}  // namespace norn::strace
