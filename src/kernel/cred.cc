// Credentials of threads and the calls that change them. Checks come first, on a copy; `commit_cred`
// replaces the shared record and settles what hangs on it.
#include "kernel/cred.h"

#include <algorithm>

#include "kernel/syscalls_life.h"
#include "kernel/task.h"
#include "mm/usercopy.h"

namespace norn {

namespace {

constexpr uint32_t unchanged = ~0u;

/// Capabilities that follow the file system uid.
constexpr uint64_t file_capabilities =
    1ull << CAP_CHOWN_ | 1ull << CAP_DAC_OVERRIDE_ | 1ull << CAP_DAC_READ_SEARCH_ | 1ull << CAP_FOWNER_ |
    1ull << CAP_FSETID_ | 1ull << CAP_LINUX_IMMUTABLE_ | 1ull << CAP_MKNOD_ | 1ull << CAP_MAC_OVERRIDE_;

/// capabilities(7), "Effect of user ID changes on capabilities".
void fix_capabilities(const Cred& old, Cred& cred)
{
    if (cred.securebits & secbit_no_setuid_fixup) return;
    const bool had_root = old.uid == 0 || old.euid == 0 || old.suid == 0;
    const bool has_root = cred.uid == 0 || cred.euid == 0 || cred.suid == 0;
    if (had_root && !has_root) {
        if (!(cred.securebits & secbit_keep_caps)) cred.cap_permitted = cred.cap_effective = 0;
        cred.cap_ambient = 0;
    }
    if (old.euid == 0 && cred.euid != 0) cred.cap_effective = 0;
    if (old.euid != 0 && cred.euid == 0) cred.cap_effective = cred.cap_permitted;
}

bool is_own_uid(const Cred& cred, uint32_t uid)
{
    return uid == cred.uid || uid == cred.euid || uid == cred.suid;
}

bool is_own_gid(const Cred& cred, uint32_t gid)
{
    return gid == cred.gid || gid == cred.egid || gid == cred.sgid;
}

void commit_uids(Machine& m, TaskId self, Cred cred)
{
    fix_capabilities(m[m[self].cred], cred);
    commit_cred(m, self, cred);
}

}  // namespace

UserId user_record(Machine& m, uint32_t uid)
{
    for (UserId user = m.state.first_user; user; user = m[user].next) {
        if (m[user].uid != uid) continue;
        hold_user(m, user);
        return user;
    }
    const UserId user = m.allocate<User>();
    User& record = m.edit(user);
    record.uid = uid;
    record.refs = 1;
    record.next = m.state.first_user;
    m.state.first_user = user;
    return user;
}

void hold_user(Machine& m, UserId user)
{
    ++m.edit(user).refs;
}

void put_user_record(Machine& m, UserId user)
{
    NORN_ASSERT(m[user].refs > 0);
    if (--m.edit(user).refs > 0) return;
    const UserId next = m[user].next;
    if (m.state.first_user == user) {
        m.state.first_user = next;
    } else {
        UserId before = m.state.first_user;
        while (m[before].next != user) before = m[before].next;
        m.edit(before).next = next;
    }
    m.free(user);
}

CredId new_cred(Machine& m, const Cred& cred)
{
    const UserId user = user_record(m, cred.uid);
    const CredId id = m.allocate<Cred>();
    Cred& record = m.edit(id);
    record = cred;
    record.user = user;
    record.refs = 1;
    return id;
}

void hold_cred(Machine& m, CredId cred)
{
    ++m.edit(cred).refs;
}

void put_cred(Machine& m, CredId cred)
{
    NORN_ASSERT(m[cred].refs > 0);
    if (--m.edit(cred).refs > 0) return;
    put_user_record(m, m[cred].user);
    m.free(cred);
}

void commit_cred(Machine& m, TaskId self, const Cred& cred)
{
    const CredId old = m[self].cred;
    const bool ids_changed = m[old].euid != cred.euid || m[old].egid != cred.egid ||
                             m[old].fsuid != cred.fsuid || m[old].fsgid != cred.fsgid;
    if (ids_changed || (cred.cap_permitted & ~m[old].cap_permitted)) {
        if (m[self].mm) m.edit(m[self].mm).dumpable = 0;
        m.edit(self).pdeath_signal = 0;
    }
    const CredId now = new_cred(m, cred);
    if (m[now].user != m[old].user) {
        ++m.edit(m[now].user).processes;
        --m.edit(m[old].user).processes;
    }
    m.edit(self).cred = now;
    put_cred(m, old);
}

ExecCred exec_cred(const Machine& m, TaskId self, const Inode& program)
{
    const Cred& old = m[m[self].cred];
    ExecCred result{old};
    Cred& cred = result.cred;
    const bool no_new_privs = m[self].flags & task_no_new_privs;
    const bool fs_shared = m[m[self].fs].refs > 1 && m[m[self].fs].refs > m[m[self].signal].live;
    if (!no_new_privs) {
        if (program.mode & 04000) cred.euid = program.uid;
        if ((program.mode & 02010) == 02010) cred.egid = program.gid;
    }
    cred.cap_permitted = 0;
    bool effective = false;
    if (!(cred.securebits & secbit_noroot)) {
        if (cred.euid == 0 || cred.uid == 0) cred.cap_permitted = old.cap_bounding | old.cap_inheritable;
        effective = cred.euid == 0;
    }
    const bool set_id = cred.euid != old.uid || cred.egid != old.gid;
    const bool unsafe = no_new_privs || fs_shared;
    if (unsafe && (set_id || (cred.cap_permitted & ~old.cap_permitted))) {
        if (!capable(m, self, CAP_SETUID_) || no_new_privs) {
            cred.euid = cred.uid;
            cred.egid = cred.gid;
        }
        cred.cap_permitted &= old.cap_permitted;
    }
    cred.suid = cred.fsuid = cred.euid;
    cred.sgid = cred.fsgid = cred.egid;
    if (set_id) cred.cap_ambient = 0;
    cred.cap_permitted |= cred.cap_ambient;
    cred.cap_effective = effective ? cred.cap_permitted : cred.cap_ambient;
    cred.securebits &= ~secbit_keep_caps;
    result.gained = cred.euid != old.euid || cred.egid != old.egid;
    result.secure = set_id || (cred.uid != 0 && (effective || (cred.cap_permitted & ~cred.cap_ambient)));
    return result;
}

Result<uint32_t> sys_getuid(const Machine& m, TaskId self)
{
    return m[m[self].cred].uid;
}

Result<uint32_t> sys_geteuid(const Machine& m, TaskId self)
{
    return m[m[self].cred].euid;
}

Result<uint32_t> sys_getgid(const Machine& m, TaskId self)
{
    return m[m[self].cred].gid;
}

Result<uint32_t> sys_getegid(const Machine& m, TaskId self)
{
    return m[m[self].cred].egid;
}

Result<> sys_getresuid(Machine& m, TaskId self, UserPtr<uint32_t> ruid, UserPtr<uint32_t> euid,
                       UserPtr<uint32_t> suid)
{
    const Cred cred = m[m[self].cred];
    TRY(put_user(m, self, ruid, cred.uid));
    TRY(put_user(m, self, euid, cred.euid));
    return put_user(m, self, suid, cred.suid);
}

Result<> sys_getresgid(Machine& m, TaskId self, UserPtr<uint32_t> rgid, UserPtr<uint32_t> egid,
                       UserPtr<uint32_t> sgid)
{
    const Cred cred = m[m[self].cred];
    TRY(put_user(m, self, rgid, cred.gid));
    TRY(put_user(m, self, egid, cred.egid));
    return put_user(m, self, sgid, cred.sgid);
}

Result<> sys_setuid(Machine& m, TaskId self, uint32_t uid)
{
    if (uid == unchanged) return EINVAL;
    Cred cred = m[m[self].cred];
    if (capable(m, self, CAP_SETUID_))
        cred.uid = cred.suid = uid;
    else if (uid != cred.uid && uid != cred.suid)
        return EPERM;
    cred.euid = cred.fsuid = uid;
    commit_uids(m, self, cred);
    return {};
}

Result<> sys_setgid(Machine& m, TaskId self, uint32_t gid)
{
    if (gid == unchanged) return EINVAL;
    Cred cred = m[m[self].cred];
    if (capable(m, self, CAP_SETGID_))
        cred.gid = cred.sgid = gid;
    else if (gid != cred.gid && gid != cred.sgid)
        return EPERM;
    cred.egid = cred.fsgid = gid;
    commit_cred(m, self, cred);
    return {};
}

Result<> sys_setreuid(Machine& m, TaskId self, uint32_t ruid, uint32_t euid)
{
    const Cred old = m[m[self].cred];
    const bool any = capable(m, self, CAP_SETUID_);
    Cred cred = old;
    if (ruid != unchanged) {
        if (!any && ruid != old.uid && ruid != old.euid) return EPERM;
        cred.uid = ruid;
    }
    if (euid != unchanged) {
        if (!any && !is_own_uid(old, euid)) return EPERM;
        cred.euid = euid;
    }
    if (ruid != unchanged || (euid != unchanged && euid != old.uid)) cred.suid = cred.euid;
    cred.fsuid = cred.euid;
    commit_uids(m, self, cred);
    return {};
}

Result<> sys_setregid(Machine& m, TaskId self, uint32_t rgid, uint32_t egid)
{
    const Cred old = m[m[self].cred];
    const bool any = capable(m, self, CAP_SETGID_);
    Cred cred = old;
    if (rgid != unchanged) {
        if (!any && rgid != old.gid && rgid != old.egid) return EPERM;
        cred.gid = rgid;
    }
    if (egid != unchanged) {
        if (!any && !is_own_gid(old, egid)) return EPERM;
        cred.egid = egid;
    }
    if (rgid != unchanged || (egid != unchanged && egid != old.gid)) cred.sgid = cred.egid;
    cred.fsgid = cred.egid;
    commit_cred(m, self, cred);
    return {};
}

Result<> sys_setresuid(Machine& m, TaskId self, uint32_t ruid, uint32_t euid, uint32_t suid)
{
    Cred cred = m[m[self].cred];
    if (!capable(m, self, CAP_SETUID_)) {
        for (const uint32_t uid : {ruid, euid, suid})
            if (uid != unchanged && !is_own_uid(cred, uid)) return EPERM;
    }
    if (ruid != unchanged) cred.uid = ruid;
    if (euid != unchanged) cred.euid = euid;
    if (suid != unchanged) cred.suid = suid;
    cred.fsuid = cred.euid;
    commit_uids(m, self, cred);
    return {};
}

Result<> sys_setresgid(Machine& m, TaskId self, uint32_t rgid, uint32_t egid, uint32_t sgid)
{
    Cred cred = m[m[self].cred];
    if (!capable(m, self, CAP_SETGID_)) {
        for (const uint32_t gid : {rgid, egid, sgid})
            if (gid != unchanged && !is_own_gid(cred, gid)) return EPERM;
    }
    if (rgid != unchanged) cred.gid = rgid;
    if (egid != unchanged) cred.egid = egid;
    if (sgid != unchanged) cred.sgid = sgid;
    cred.fsgid = cred.egid;
    commit_cred(m, self, cred);
    return {};
}

Result<uint32_t> sys_setfsuid(Machine& m, TaskId self, uint32_t uid)
{
    Cred cred = m[m[self].cred];
    const uint32_t old = cred.fsuid;
    const bool allowed = is_own_uid(cred, uid) || uid == old || capable(m, self, CAP_SETUID_);
    if (uid == unchanged || uid == old || !allowed) return old;
    cred.fsuid = uid;
    if (!(cred.securebits & secbit_no_setuid_fixup)) {
        if (old == 0) cred.cap_effective &= ~file_capabilities;
        if (uid == 0) cred.cap_effective |= cred.cap_permitted & file_capabilities;
    }
    commit_cred(m, self, cred);
    return old;
}

Result<uint32_t> sys_setfsgid(Machine& m, TaskId self, uint32_t gid)
{
    Cred cred = m[m[self].cred];
    const uint32_t old = cred.fsgid;
    const bool allowed = is_own_gid(cred, gid) || gid == old || capable(m, self, CAP_SETGID_);
    if (gid == unchanged || gid == old || !allowed) return old;
    cred.fsgid = gid;
    commit_cred(m, self, cred);
    return old;
}

Result<uint32_t> sys_getgroups(Machine& m, TaskId self, int size, UserPtr<uint32_t> list)
{
    if (size < 0) return EINVAL;
    const Cred cred = m[m[self].cred];
    if (size == 0) return cred.group_count;
    if (static_cast<uint32_t>(size) < cred.group_count) return EINVAL;
    for (uint32_t i = 0; i < cred.group_count; ++i) TRY(put_user(m, self, list + i, cred.groups[i]));
    return cred.group_count;
}

Result<> sys_setgroups(Machine& m, TaskId self, int size, UserPtr<uint32_t> list)
{
    if (!capable(m, self, CAP_SETGID_)) return EPERM;
    if (static_cast<uint32_t>(size) > 65536) return EINVAL;
    Cred cred = m[m[self].cred];
    if (static_cast<std::size_t>(size) > cred.groups.size()) return ENOMEM;  // Norn keeps at most this many
    cred.groups = {};
    cred.group_count = static_cast<uint32_t>(size);
    for (uint32_t i = 0; i < cred.group_count; ++i) cred.groups[i] = TRY(get_user(m, self, list + i));
    std::sort(cred.groups.begin(), cred.groups.begin() + cred.group_count);
    commit_cred(m, self, cred);
    return {};
}

}  // namespace norn
