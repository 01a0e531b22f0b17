// Credentials (credentials(7), capabilities(7)): shared records, replaced as a whole.
#pragma once

#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

/// Numbers of capabilities(7).
enum Capability : int {
    CAP_CHOWN_ = 0,
    CAP_DAC_OVERRIDE_ = 1,
    CAP_DAC_READ_SEARCH_ = 2,
    CAP_FOWNER_ = 3,
    CAP_FSETID_ = 4,
    CAP_KILL_ = 5,
    CAP_SETGID_ = 6,
    CAP_SETUID_ = 7,
    CAP_SETPCAP_ = 8,
    CAP_LINUX_IMMUTABLE_ = 9,
    CAP_IPC_LOCK_ = 14,
    CAP_SYS_RAWIO_ = 17,
    CAP_SYS_PTRACE_ = 19,
    CAP_SYS_ADMIN_ = 21,
    CAP_SYS_NICE_ = 23,
    CAP_SYS_RESOURCE_ = 24,
    CAP_MKNOD_ = 27,
    CAP_MAC_OVERRIDE_ = 32,
};
inline constexpr int last_capability = 40;
inline constexpr uint64_t all_capabilities = (1ull << (last_capability + 1)) - 1;

/// securebits of capabilities(7).
enum SecureBit : uint32_t {
    secbit_noroot = 1u << 0,
    secbit_no_setuid_fixup = 1u << 2,
    secbit_keep_caps = 1u << 4,
    secbit_keep_caps_locked = 1u << 5,
    secbit_no_cap_ambient_raise = 1u << 6,
};

/// The record of a user id; made when first asked for. The caller holds a reference.
[[nodiscard]] UserId user_record(Machine& m, uint32_t uid);
void hold_user(Machine& m, UserId user);
void put_user_record(Machine& m, UserId user);

/// The user that a task is charged to.
[[nodiscard]] inline UserId user_of(const Machine& m, TaskId task)
{
    return m[m[task].cred].user;
}

/// A record of its own holding `cred`'s values (`user` follows its uid).
[[nodiscard]] CredId new_cred(Machine& m, const Cred& cred);
void hold_cred(Machine& m, CredId cred);
void put_cred(Machine& m, CredId cred);
/// Gives the task these credentials, moving its charge if the real uid changed (commit_creds).
void commit_cred(Machine& m, TaskId self, const Cred& cred);

/// What execve makes of the credentials of a program owned so (set-uid, set-gid, uid 0's capabilities).
struct ExecCred {
    Cred cred;
    bool secure = false;  ///< AT_SECURE
    bool gained = false;  ///< ids changed through set-id bits
};
[[nodiscard]] ExecCred exec_cred(const Machine& m, TaskId self, const Inode& program);

}  // namespace norn
