// capget(2) and capset(2).
#include "kernel/cred.h"
#include "kernel/syscalls_life.h"
#include "kernel/task.h"
#include "mm/usercopy.h"

namespace norn {

namespace {

constexpr uint32_t version_1 = 0x19980330;  ///< 32 capabilities
constexpr uint32_t version_2 = 0x20071026;
constexpr uint32_t version_3 = 0x20080522;

struct CapHeader {
    uint32_t version;
    int32_t pid;
};

/// How many CapData a caller of this version passes; 0: unknown version.
uint32_t data_records(uint32_t version)
{
    if (version == version_1) return 1;
    return version == version_2 || version == version_3 ? 2 : 0;
}

/// Of a version we do not know, Linux answers with the one it prefers.
Result<uint32_t> read_version(Machine& m, TaskId self, UserPtr<CapHeader> header)
{
    const auto version = TRY(get_user(m, self, header.as<uint32_t>()));
    const uint32_t records = data_records(version);
    if (records == 0) TRY(put_user(m, self, header.as<uint32_t>(), version_3));
    return records;
}

uint64_t joined(uint32_t low, uint32_t high)
{
    return low | static_cast<uint64_t>(high) << 32;
}

}  // namespace

Result<> sys_capget(Machine& m, TaskId self, UserPtr<> header, UserPtr<> data)
{
    const uint32_t records = TRY(read_version(m, self, header.as<CapHeader>()));
    if (!data) return {};
    if (records == 0) return EINVAL;
    const auto pid = TRY(get_user(m, self, header.as<CapHeader>())).pid;
    if (pid < 0) return EINVAL;
    const TaskId target = pid == 0 ? self : find_task(m, static_cast<uint32_t>(pid));
    if (!target) return ESRCH;
    const Cred cred = m[m[target].cred];
    for (uint32_t i = 0; i < records; ++i) {
        const uint32_t shift = 32 * i;
        const std::array<uint32_t, 3> words = {static_cast<uint32_t>(cred.cap_effective >> shift),
                                               static_cast<uint32_t>(cred.cap_permitted >> shift),
                                               static_cast<uint32_t>(cred.cap_inheritable >> shift)};
        TRY(put_user(m, self, data.as<std::array<uint32_t, 3>>() + i, words));
    }
    return {};
}

Result<> sys_capset(Machine& m, TaskId self, UserPtr<> header, UserPtr<> data)
{
    const uint32_t records = TRY(read_version(m, self, header.as<CapHeader>()));
    if (records == 0) return EINVAL;
    const auto pid = TRY(get_user(m, self, header.as<CapHeader>())).pid;
    if (pid != 0 && static_cast<uint32_t>(pid) != pid_nr(m, self)) return EPERM;
    std::array<std::array<uint32_t, 3>, 2> words{};
    for (uint32_t i = 0; i < records; ++i)
        words[i] = TRY(get_user(m, self, data.as<std::array<uint32_t, 3>>() + i));

    Cred cred = m[m[self].cred];
    const uint64_t effective = joined(words[0][0], words[1][0]) & all_capabilities;
    const uint64_t permitted = joined(words[0][1], words[1][1]) & all_capabilities;
    const uint64_t inheritable = joined(words[0][2], words[1][2]) & all_capabilities;
    if (!capable(m, self, CAP_SETPCAP_) && (inheritable & ~(cred.cap_inheritable | cred.cap_permitted)))
        return EPERM;
    if (inheritable & ~(cred.cap_inheritable | cred.cap_bounding)) return EPERM;
    if (permitted & ~cred.cap_permitted) return EPERM;
    if (effective & ~permitted) return EPERM;
    cred.cap_effective = effective;
    cred.cap_permitted = permitted;
    cred.cap_inheritable = inheritable;
    cred.cap_ambient &= permitted & inheritable;
    commit_cred(m, self, cred);
    return {};
}

}  // namespace norn
