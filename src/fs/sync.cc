// Calls that ask for data to reach a disk, or tell how it will be used. What the machine holds is as
// safe as it can be, so they only check what they were given.
#include "fs/abi.h"
#include "fs/syscalls.h"

namespace norn {

namespace {

Result<> sync_file(const Machine& m, TaskId self, int fd)
{
    const FileId file = TRY(fget(m, self, fd));
    const FileKind kind = m[file].kind;
    if (kind == FileKind::regular || kind == FileKind::directory) return {};
    if (kind == FileKind::outside && type_of(m[m[file].inode].mode) == s_ifreg) return {};
    if (kind == FileKind::device && type_of(m[m[file].inode].mode) == s_ifblk) return {};
    return EINVAL;
}

}  // namespace

Result<> sys_sync(const Machine& /*m*/, TaskId /*self*/)
{
    return {};
}

Result<> sys_syncfs(const Machine& m, TaskId self, int fd)
{
    TRY(fget(m, self, fd));
    return {};
}

Result<> sys_fsync(const Machine& m, TaskId self, int fd)
{
    return sync_file(m, self, fd);
}

Result<> sys_fdatasync(const Machine& m, TaskId self, int fd)
{
    return sync_file(m, self, fd);
}

Result<> sys_sync_file_range(const Machine& m, TaskId self, int fd, int64_t offset, int64_t length,
                             uint32_t flags)
{
    constexpr uint32_t wait_before_write_wait_after = 7;
    const FileId file = TRY(fget(m, self, fd));
    if (flags & ~wait_before_write_wait_after) return EINVAL;
    int64_t end = 0;
    if (offset < 0 || length < 0 || __builtin_add_overflow(offset, length, &end)) return EINVAL;
    const FileKind kind = m[file].kind;
    if (kind != FileKind::regular && kind != FileKind::directory) return ESPIPE;
    return {};
}

Result<> sys_fadvise64(const Machine& m, TaskId self, int fd, int64_t /*offset*/, int64_t length, int advice)
{
    constexpr int last_advice = 5;
    const FileId file = TRY(fget(m, self, fd));
    const FileKind kind = m[file].kind;
    if (kind == FileKind::pipe || kind == FileKind::socket) return ESPIPE;
    if (length < 0 || advice < 0 || advice > last_advice) return EINVAL;
    return {};
}

Result<> sys_readahead(const Machine& m, TaskId self, int fd, int64_t /*offset*/, uint64_t /*count*/)
{
    const FileId file = TRY(fget(m, self, fd));
    if ((m[file].flags & o_accmode) == o_wronly) return EBADF;
    if (m[file].kind != FileKind::regular) return EINVAL;
    return {};
}

}  // namespace norn
