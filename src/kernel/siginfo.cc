// siginfo_t as programs see it: signal number, error, code, then a union whose use depends on the code
// (sigaction(2)).
#include <cstring>

#include "kernel/signal.h"

namespace norn {

namespace {

/// Offsets in the 128 bytes. Several members of the union share them.
constexpr std::size_t at_signo = 0, at_error = 4, at_code = 8;
constexpr std::size_t at_pid = 16, at_uid = 20;                      // kill, sigqueue, SIGCHLD
constexpr std::size_t at_value = 24;                                 // sigqueue, timers
constexpr std::size_t at_status = 24, at_utime = 32, at_stime = 40;  // SIGCHLD
constexpr std::size_t at_address = 16;                               // faults

template <class T>
void put(SigInfoBytes& bytes, std::size_t at, T value)
{
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

template <class T>
T get(const SigInfoBytes& bytes, std::size_t at)
{
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

bool is_child_report(int signo, int code)
{
    return signo == SIGCHLD_ && code > 0 && code < SI_KERNEL_;
}

}  // namespace

SigInfoBytes encode_siginfo(const SigInfo& info)
{
    SigInfoBytes bytes{};
    put(bytes, at_signo, info.signo);
    put(bytes, at_error, info.error);
    put(bytes, at_code, info.code);
    if (info.fault_address) {
        put(bytes, at_address, info.value);
        return bytes;
    }
    put(bytes, at_pid, info.pid);
    put(bytes, at_uid, info.uid);
    if (is_child_report(info.signo, info.code) || info.utime || info.stime) {
        put(bytes, at_status, info.status);
        put(bytes, at_utime, info.utime);
        put(bytes, at_stime, info.stime);
    } else {
        put(bytes, at_value, info.value);
    }
    return bytes;
}

SigInfo decode_siginfo(const SigInfoBytes& bytes)
{
    SigInfo info;
    info.signo = get<int>(bytes, at_signo);
    info.error = get<int>(bytes, at_error);
    info.code = get<int>(bytes, at_code);
    info.pid = get<uint32_t>(bytes, at_pid);
    info.uid = get<uint32_t>(bytes, at_uid);
    if (is_child_report(info.signo, info.code)) {
        info.status = get<int>(bytes, at_status);
        info.utime = get<uint64_t>(bytes, at_utime);
        info.stime = get<uint64_t>(bytes, at_stime);
    } else {
        info.value = get<uint64_t>(bytes, at_value);
    }
    return info;
}

}  // namespace norn
