// Small calls about the system and about who we are (sys.c).
#include <algorithm>
#include <cstring>
#include <string_view>

#include "kernel/cred.h"
#include "kernel/syscalls_life.h"
#include "kernel/task.h"
#include "kernel/uts.h"
#include "mm/usercopy.h"
#include "x86/engine.h"

namespace norn {

namespace {

constexpr std::size_t uts_length = 65;
constexpr uint32_t per_linux32 = 8, per_mask = 0xff, uname26 = 0x0020000;
constexpr uint32_t personality_query = 0xffffffff;
/// What UNAME26 makes of it: 2.6.(60 + minor).
constexpr std::string_view release_26 = "2.6.78";

using UtsField = std::array<char, uts_length>;

/// struct new_utsname.
struct UtsName {
    UtsField sysname{}, nodename{}, release{}, version{}, machine{}, domainname{};
};

void fill(UtsField& field, std::string_view text)
{
    std::copy_n(text.data(), std::min(text.size(), field.size() - 1), field.data());
}

std::string_view text_of_array(const std::array<char, 64>& text)
{
    return {text.data(), strnlen(text.data(), text.size())};
}

Result<std::array<char, 64>> fetch_name(Machine& m, TaskId self, UserStr from, int length)
{
    if (!capable(m, self, CAP_SYS_ADMIN_)) return EPERM;
    if (length < 0 || static_cast<std::size_t>(length) > uts_length - 1) return EINVAL;
    std::array<char, 64> name{};
    const std::span<uint8_t> bytes(reinterpret_cast<uint8_t*>(name.data()), static_cast<std::size_t>(length));
    if (read_user(m, m[self].mm, from.address, bytes) != bytes.size()) return EFAULT;
    return name;
}

/// struct sysinfo of x86-64.
struct SysInfo {
    int64_t uptime = 0;
    std::array<uint64_t, 3> loads{};
    uint64_t totalram = 0, freeram = 0, sharedram = 0, bufferram = 0, totalswap = 0, freeswap = 0;
    uint16_t procs = 0, pad = 0;
    uint32_t pad2 = 0;
    uint64_t totalhigh = 0, freehigh = 0;
    uint32_t mem_unit = 1;
    uint32_t pad3 = 0;
};
static_assert(sizeof(SysInfo) == 112);

}  // namespace

uint32_t sys_getpid(const Machine& m, TaskId self)
{
    return tgid_nr(m, self);
}

uint32_t sys_gettid(const Machine& m, TaskId self)
{
    return pid_nr(m, self);
}

uint32_t sys_getppid(const Machine& m, TaskId self)
{
    const TaskId parent = m[m[self].group_leader].real_parent;
    return parent ? tgid_nr(m, parent) : 0;
}

Result<uint32_t> sys_set_tid_address(Machine& m, TaskId self, UserPtr<int> address)
{
    m.edit(self).clear_child_tid = address.address;
    return pid_nr(m, self);
}

Result<> sys_uname(Machine& m, TaskId self, UserPtr<> to)
{
    const uint32_t personality = m[self].personality;
    UtsName name;
    fill(name.sysname, uts_sysname);
    fill(name.nodename, text_of_array(m.state.hostname));
    fill(name.release, personality & uname26 ? release_26 : uts_release);
    fill(name.version, uts_version);
    fill(name.machine, (personality & per_mask) == per_linux32 ? "i686" : uts_machine);
    fill(name.domainname, text_of_array(m.state.domainname));
    return put_user(m, self, to.as<UtsName>(), name);
}

Result<> sys_sethostname(Machine& m, TaskId self, UserStr name, int length)
{
    m.state.hostname = TRY(fetch_name(m, self, name, length));
    return {};
}

Result<> sys_setdomainname(Machine& m, TaskId self, UserStr name, int length)
{
    m.state.domainname = TRY(fetch_name(m, self, name, length));
    return {};
}

Result<> sys_sysinfo(Machine& m, TaskId self, UserPtr<> to)
{
    SysInfo info;
    info.uptime = static_cast<int64_t>((m.state.now_ns + 999'999'999) / 1'000'000'000);
    info.totalram = m.state.limits.memory_pages * x86::page_size;
    info.freeram = info.totalram - m.state.used_pages * x86::page_size;
    info.procs = static_cast<uint16_t>(m.state.task_count);
    return put_user(m, self, to.as<SysInfo>(), info);
}

Result<uint32_t> sys_personality(Machine& m, TaskId self, uint32_t wanted)
{
    const uint32_t before = m[self].personality;
    if (wanted != personality_query) m.edit(self).personality = wanted;
    return before;
}

Result<> sys_syslog(Machine& /*m*/, TaskId /*self*/, int /*type*/, UserPtr<> /*buffer*/, int /*length*/)
{
    return EPERM;
}

Result<> sys_arch_prctl(Machine& m, TaskId self, int code, uint64_t address)
{
    constexpr int set_gs = 0x1001, set_fs = 0x1002, get_fs = 0x1003, get_gs = 0x1004;
    constexpr int get_cpuid = 0x1011, set_cpuid = 0x1012;
    switch (code) {
        case set_gs:
            if (address >= x86::user_end) return EPERM;
            m.edit(self).cpu.gs_base = address;
            return {};
        case set_fs:
            if (address >= x86::user_end) return EPERM;
            m.edit(self).cpu.fs_base = address;
            return {};
        case get_fs:
            return put_user(m, self, UserPtr<uint64_t>{address}, uint64_t{m[self].cpu.fs_base});
        case get_gs:
            return put_user(m, self, UserPtr<uint64_t>{address}, uint64_t{m[self].cpu.gs_base});
        case get_cpuid:
        case set_cpuid:
            return ENODEV;
        default:
            return EINVAL;
    }
}

}  // namespace norn
