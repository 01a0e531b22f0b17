// open(2), for the kernel's own use.
#pragma once

#include <string_view>

#include "fs/namei.h"

namespace norn {

/// struct open_how (openat2(2)).
struct OpenHow {
    uint64_t flags = 0;
    uint64_t mode = 0;
    uint64_t resolve = 0;
    [[nodiscard]] uint32_t open_flags() const { return static_cast<uint32_t>(flags); }
};

/// An open description with one reference. FIFOs are not connected yet.
[[nodiscard]] Result<FileId> open_file(Machine& m, TaskId self, int dirfd, std::string_view path,
                                       const OpenHow& how);
/// The owner and group of a file made in `directory` by `self`; returns the inode.
InodeId init_owner(Machine& m, TaskId self, InodeId directory, InodeId made);

}  // namespace norn
