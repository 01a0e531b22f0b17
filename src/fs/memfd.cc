// memfd_create(2): a file in memory with no name, that can be sealed.
#include "fs/memfd.h"

#include "fs/abi.h"
#include "fs/inode.h"
#include "fs/syscalls.h"
#include "kernel/task.h"
#include "mm/mmap.h"

namespace norn {

namespace {

enum MemfdFlag : uint32_t {
    mfd_cloexec = 1,
    mfd_allow_sealing = 2,
    mfd_hugetlb = 4,
    mfd_noexec_seal = 8,
    mfd_exec = 16,
};

constexpr std::size_t memfd_name_max = name_max - 6 + 1;  // "memfd:" goes before it, a NUL after
constexpr uint32_t all_seals =
    seal_seal | seal_shrink | seal_grow | seal_write | seal_future_write | seal_exec;

bool can_be_sealed(const Machine& m, FileId file)
{
    return m[file].kind == FileKind::regular && m[m[file].inode].fs == FsKind::tmpfs;
}

uint32_t first_seals(uint32_t flags)
{
    if (flags & mfd_noexec_seal) return seal_exec;
    return flags & mfd_allow_sealing ? 0 : uint32_t{seal_seal};
}

}  // namespace

Result<uint64_t> get_seals(const Machine& m, FileId file)
{
    if (!can_be_sealed(m, file)) return EINVAL;
    return uint64_t{m[m[file].inode].seals};
}

Result<> add_seals(Machine& m, FileId file, uint32_t seals)
{
    if (!can_be_sealed(m, file)) return EINVAL;
    if ((m[file].flags & o_accmode) == o_rdonly) return EPERM;
    if (seals & ~all_seals) return EINVAL;
    const InodeId inode = m[file].inode;
    if (m[inode].seals & seal_seal) return EPERM;
    if ((seals & seal_write) && !(m[inode].seals & seal_write) && mapped_writably(m, inode)) return EBUSY;
    m.edit(inode).seals |= seals;
    return {};
}

Result<int> sys_memfd_create(Machine& m, TaskId self, UserStr name, uint32_t flags)
{
    constexpr uint32_t known = mfd_cloexec | mfd_allow_sealing | mfd_noexec_seal | mfd_exec;
    if (flags & ~known) return EINVAL;
    if ((flags & mfd_exec) && (flags & mfd_noexec_seal)) return EINVAL;
    const std::string text = TRY(get_string(m, self, name, memfd_name_max, EINVAL));
    constexpr uint32_t shm_minor = 1;
    const uint32_t mode = s_ifreg | (flags & mfd_noexec_seal ? 0666u : 0777u);
    const InodeId inode = new_inode(m, FsKind::tmpfs, InodeKind::memory, mode, make_dev(0, shm_minor));
    const uint32_t uid = m[m[self].cred].fsuid;
    const uint32_t gid = m[m[self].cred].fsgid;
    Inode& made = m.edit(inode);
    made.uid = uid;
    made.gid = gid;
    made.nlink = 0;
    made.seals = first_seals(flags);
    made.writers = 1;
    hold_inode(m, inode);
    const Path place = nameless_place(m, inode, "/memfd:" + text + " (deleted)");
    const FileId file = new_file(m, FileKind::regular, inode, place, o_rdwr | o_largefile);
    const auto fd = install_fd(m, self, file, 0, flags & mfd_cloexec);
    if (!fd.ok()) put_file(m, file);
    return fd;
}

}  // namespace norn
