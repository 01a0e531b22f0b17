// ioctl(2): requests that any file takes, those of file systems, and the way to those of a kind of file.
#include "fs/abi.h"
#include "fs/fasync.h"
#include "fs/file.h"
#include "fs/ops.h"
#include "fs/pipe.h"
#include "fs/socket.h"
#include "fs/syscalls.h"
#include "kernel/task.h"

namespace norn {

namespace {

enum IoctlRequest : uint32_t {
    fibmap = 1,
    figetbsz = 2,
    fionbio = 0x5421,
    fionread = 0x541b,
    fionclex = 0x5450,
    fioclex = 0x5451,
    fioasync = 0x5452,
    fioqsize = 0x5460,
    ficlone = 0x40049409,
    ficlonerange = 0x4020940d,
    fideduperange = 0xc0189436,
    fs_ioc_fiemap = 0xc020660b,
    fifreeze = 0xc0045877,
    fithaw = 0xc0045878,
};

/// struct file_clone_range.
struct CloneRange {
    int64_t source = 0;
    uint64_t source_offset = 0, source_length = 0, offset = 0;
};

/// struct file_dedupe_range, what comes before the list of destinations.
struct DedupeRange {
    uint64_t source_offset = 0, source_length = 0;
    uint16_t count = 0, reserved = 0;
    uint32_t reserved_too = 0;
};

constexpr uint64_t dedupe_destination_size = 32;  // struct file_dedupe_range_info

Result<> set_status_flag(Machine& m, TaskId self, FileId file, uint32_t flag, uint64_t argument)
{
    const int on = TRY(get_user(m, self, UserPtr<int>{argument}));
    const uint32_t old = m[file].flags;
    m.edit(file).flags = on ? old | flag : old & ~flag;
    return {};
}

Outcome<> set_fioasync(Machine& m, TaskId self, int fd, FileId file, uint64_t argument)
{
    const int on = TRY(get_user(m, self, UserPtr<int>{argument}));
    if (!has_async(m, file)) return ENOTTY;
    set_async(m, file, on, fd);
    return uint64_t{0};
}

int block_size(const Machine& m, FileId file)
{
    return m[file].inode && m[m[file].inode].fs == FsKind::proc ? 1024 : 4096;
}

// None of Norn's file systems shares blocks between files, so this only finds which refusal comes first.
Outcome<> clone_file(const Machine& m, TaskId self, FileId to, uint64_t source)
{
    const FileId from = TRY(fget(m, self, static_cast<int>(source)));
    const InodeId in = m[from].inode, out = m[to].inode;
    if (!in || !out || m[in].dev != m[out].dev) return EXDEV;
    const uint32_t in_type = type_of(m[in].mode), out_type = type_of(m[out].mode);
    if (in_type == s_ifdir || out_type == s_ifdir) return EISDIR;
    if (in_type != s_ifreg || out_type != s_ifreg) return EINVAL;
    if (!readable(m, from) || !writable(m, to) || (m[to].flags & o_append)) return EBADF;
    return EOPNOTSUPP;
}

// As above.
Outcome<> dedupe_file(Machine& m, TaskId self, FileId file, uint64_t argument)
{
    const DedupeRange asked = TRY(get_user(m, self, UserPtr<DedupeRange>{argument}));
    if (sizeof asked + asked.count * dedupe_destination_size > page_size) return ENOMEM;
    if (!readable(m, file) || asked.reserved != 0 || asked.reserved_too != 0) return EINVAL;
    if (m[file].kind == FileKind::directory) return EISDIR;
    if (!m[file].inode || type_of(m[m[file].inode].mode) != s_ifreg) return EINVAL;
    return EOPNOTSUPP;
}

Outcome<> file_system_ioctl(Machine& m, TaskId self, FileId file, uint32_t request, uint64_t argument)
{
    switch (request) {
        case figetbsz:
            return put_user(m, self, UserPtr<int>{argument}, block_size(m, file));
        case fs_ioc_fiemap:
            return EOPNOTSUPP;
        case fifreeze:
            return capable(m, self, cap_sys_admin) ? EOPNOTSUPP : EPERM;
        case fithaw:
            return capable(m, self, cap_sys_admin) ? EINVAL : EPERM;
        case ficlone:
            return clone_file(m, self, file, argument);
        case ficlonerange: {
            const CloneRange range = TRY(get_user(m, self, UserPtr<CloneRange>{argument}));
            return clone_file(m, self, file, static_cast<uint64_t>(range.source));
        }
        case fideduperange:
            return dedupe_file(m, self, file, argument);
        default:
            return ENOTTY;
    }
}

// Contents have no place on a disk: 0 is written over the number asked for all the same.
Outcome<> map_block(Machine& m, TaskId self, uint64_t argument)
{
    if (!capable(m, self, cap_sys_rawio)) return EPERM;
    const UserPtr<int> block{argument};
    if (TRY(get_user(m, self, block)) >= 0) TRY(put_user(m, self, block, 0));
    return EINVAL;
}

Outcome<> ioctl_by_kind(Machine& m, TaskId self, FileId file, uint32_t request, uint64_t argument)
{
    const File& asked = m[file];
    switch (asked.kind) {
        case FileKind::device:
        case FileKind::tty:
        case FileKind::ptmx:
        case FileKind::outside:
            return special_ioctl(m, self, file, request, argument);
        case FileKind::pipe:
            if (request != fionread) return ENOTTY;
            return put_user(m, self, UserPtr<int>{argument}, static_cast<int>(pipe_bytes(m, asked.pipe)));
        case FileKind::socket:
            if (request != fionread) return ENOTTY;
            return put_user(m, self, UserPtr<int>{argument}, static_cast<int>(socket_bytes(m, file)));
        case FileKind::regular:
            if (request == fibmap) return map_block(m, self, argument);
            if (request != fionread) return ENOTTY;
            return put_user(m, self, UserPtr<int>{argument},
                            static_cast<int>(m[asked.inode].size - asked.pos));
        default:
            return ENOTTY;
    }
}

}  // namespace

Outcome<> sys_ioctl(Machine& m, TaskId self, int fd, uint32_t request, uint64_t argument)
{
    const FileId file = TRY(fget(m, self, fd));
    switch (request) {
        case fioclex:
        case fionclex:
            set_cloexec(m, self, fd, request == fioclex);
            return uint64_t{0};
        case fionbio:
            return set_status_flag(m, self, file, o_nonblock, argument);
        case fioasync:
            return set_fioasync(m, self, fd, file, argument);
        case fioqsize:
            if (m[file].kind != FileKind::regular && m[file].kind != FileKind::directory) return ENOTTY;
            return put_user(m, self, UserPtr<uint64_t>{argument}, m[m[file].inode].blocks * 512);
        case figetbsz:
        case fs_ioc_fiemap:
        case fifreeze:
        case fithaw:
        case ficlone:
        case ficlonerange:
        case fideduperange:
            return file_system_ioctl(m, self, file, request, argument);
        default:
            return ioctl_by_kind(m, self, file, request, argument);
    }
}

}  // namespace norn
