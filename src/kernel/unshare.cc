// unshare(2): what a task shares with others becomes its own.
#include "fs/file.h"
#include "kernel/fork.h"
#include "kernel/syscalls_life.h"
#include "kernel/task.h"

namespace norn {

namespace {

constexpr uint64_t known_flags =
    CLONE_THREAD_ | CLONE_FS_ | CLONE_SIGHAND_ | CLONE_VM_ | CLONE_FILES_ | CLONE_SYSVSEM_ | namespace_flags;

/// Threads, handlers and memory cannot be taken apart: only who has them alone may ask.
Result<> check_alone(const Machine& m, TaskId self, uint64_t flags)
{
    const bool together = flags & (CLONE_THREAD_ | CLONE_SIGHAND_ | CLONE_VM_);
    if (together && !thread_group_empty(m, m[self].signal)) return EINVAL;
    if ((flags & (CLONE_SIGHAND_ | CLONE_VM_)) && m[m[self].sighand].refs > 1) return EINVAL;
    if ((flags & CLONE_VM_) && m[m[self].mm].users > 1) return EINVAL;
    return {};
}

void unshare_fs(Machine& m, TaskId self)
{
    const FsId old = m[self].fs;
    if (m[old].refs == 1) return;
    const FsId own = copy_fs(m, old);
    m.edit(self).fs = own;
    put_fs(m, old);
}

}  // namespace

void unshare_files(Machine& m, TaskId self)
{
    const FilesId old = m[self].files;
    if (m[old].refs == 1) return;
    const FilesId own = copy_files(m, old);
    m.edit(self).files = own;
    put_files(m, old);
}

Result<> sys_unshare(Machine& m, TaskId self, uint64_t flags)
{
    if (flags & ~known_flags) return EINVAL;
    TRY(check_alone(m, self, flags));
    TRY(check_namespaces(m, self, flags));
    if (flags & CLONE_FS_) unshare_fs(m, self);
    if (flags & CLONE_FILES_) unshare_files(m, self);
    return {};
}

}  // namespace norn
