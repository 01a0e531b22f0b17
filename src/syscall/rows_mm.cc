// Rows of the calls on memory.
#include "mm/syscalls.h"
#include "syscall/rows.h"

namespace norn {

namespace {

constexpr ArgDescription addr{"addr", ArgKind::address, {}};
constexpr ArgDescription length{"length", ArgKind::size, {}};
constexpr ArgDescription prot{"prot", ArgKind::flags, "mmap_prot"};

constexpr std::array rows{
    row<sys_mmap>(9, "mmap",
                  {{addr,
                    length,
                    prot,
                    {"flags", ArgKind::flags, "mmap_flags"},
                    {"fd", ArgKind::fd, {}},
                    {"offset", ArgKind::hex, {}}}}),
    row<sys_mprotect>(10, "mprotect", {{addr, length, prot}}),
    row<sys_munmap>(11, "munmap", {{addr, length}}),
    row<sys_brk>(12, "brk", {{addr}}),
    row<sys_mremap>(25, "mremap",
                    {{{"old_address", ArgKind::address, {}},
                      {"old_size", ArgKind::size, {}},
                      {"new_size", ArgKind::size, {}},
                      {"flags", ArgKind::flags, "mremap_flags"},
                      {"new_address", ArgKind::address, {}}}}),
    row<sys_msync>(26, "msync", {{addr, length, {"flags", ArgKind::flags, "msync_flags"}}}),
    row<sys_mincore>(27, "mincore", {{addr, length, {"vec", ArgKind::structure, "mincore_vec"}}}),
    row<sys_madvise>(28, "madvise", {{addr, length, {"advice", ArgKind::flags, "madvise_advice"}}}),
    row<sys_mlock>(149, "mlock", {{addr, length}}),
    row<sys_munlock>(150, "munlock", {{addr, length}}),
    row<sys_mlockall>(151, "mlockall", {{{"flags", ArgKind::flags, "mlockall_flags"}}}),
    row<sys_munlockall>(152, "munlockall"),
    row<sys_set_mempolicy>(238, "set_mempolicy",
                           {{{"mode", ArgKind::flags, "mempolicy_mode"},
                             {"nodemask", ArgKind::address, {}},
                             {"maxnode", ArgKind::unsigned_number, {}}}}),
    row<sys_get_mempolicy>(239, "get_mempolicy",
                           {{{"mode", ArgKind::structure, "mempolicy_mode"},
                             {"nodemask", ArgKind::address, {}},
                             {"maxnode", ArgKind::unsigned_number, {}},
                             {"addr", ArgKind::address, {}},
                             {"flags", ArgKind::flags, "mempolicy_flags"}}}),
    row<sys_mlock2>(325, "mlock2", {{addr, length, {"flags", ArgKind::flags, "mlock2_flags"}}}),
    row<sys_pkey_mprotect>(329, "pkey_mprotect", {{addr, length, prot, {"pkey", ArgKind::number, {}}}}),
    row<sys_pkey_alloc>(330, "pkey_alloc",
                        {{{"flags", ArgKind::hex, {}}, {"access_rights", ArgKind::flags, "pkey_rights"}}}),
    row<sys_pkey_free>(331, "pkey_free", {{{"pkey", ArgKind::number, {}}}}),
};

}  // namespace

std::span<const SyscallRow> rows_mm()
{
    return rows;
}

}  // namespace norn
