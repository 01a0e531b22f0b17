// Root, working directory and file mode creation mask of a process.
#include "fs/inode.h"
#include "fs/namei.h"
#include "fs/syscalls.h"
#include "kernel/task.h"

namespace norn {

namespace {

void set_cwd(Machine& m, TaskId self, Path place)
{
    const FsId fs = m[self].fs;
    const Path old = m[fs].cwd;
    m.edit(fs).cwd = place;
    put_path(m, old);
}

}  // namespace

Result<> sys_chdir(Machine& m, TaskId self, UserStr path)
{
    HeldPath place = TRY(user_path_at(m, self, at_fdcwd, path));
    if (!is_directory(m, place.inode())) return ENOTDIR;
    TRY(may(m, self, place.inode(), may_exec));
    set_cwd(m, self, place.release());
    return {};
}

Result<> sys_fchdir(Machine& m, TaskId self, int fd)
{
    const FileId file = TRY(fget(m, self, fd, true));
    if (!is_directory(m, m[file].inode)) return ENOTDIR;
    TRY(may(m, self, m[file].inode, may_exec));
    const Path place = m[file].path;
    hold_path(m, place);
    set_cwd(m, self, place);
    return {};
}

Result<> sys_chroot(Machine& m, TaskId self, UserStr path)
{
    HeldPath place = TRY(user_path_at(m, self, at_fdcwd, path));
    if (!is_directory(m, place.inode())) return ENOTDIR;
    TRY(may(m, self, place.inode(), may_exec));
    if (!capable(m, self, cap_sys_chroot)) return EPERM;
    const FsId fs = m[self].fs;
    const Path old = m[fs].root;
    m.edit(fs).root = place.release();
    put_path(m, old);
    return {};
}

Result<uint64_t> sys_getcwd(Machine& m, TaskId self, UserPtr<> buffer, uint64_t size)
{
    const Path cwd = m[m[self].fs].cwd;
    if (m[cwd.dentry].flags & dentry_removed) return ENOENT;
    const std::string path = path_string(m, self, cwd);
    const std::size_t count = path.size() + 1;
    if (count > path_max) return ENAMETOOLONG;
    if (count > size) return ERANGE;
    const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(path.c_str()), count);
    if (write_user(m, m[self].mm, buffer.address, bytes) != count) return EFAULT;
    return static_cast<uint64_t>(count);
}

Result<uint32_t> sys_umask(Machine& m, TaskId self, uint32_t mask)
{
    const FsId fs = m[self].fs;
    const uint32_t old = m[fs].umask;
    m.edit(fs).umask = mask & 0777;
    return old;
}

}  // namespace norn
