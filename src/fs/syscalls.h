// The system calls on files; each is defined in the file that its part is named after.
#pragma once

#include "fs/abi.h"
#include "mm/usercopy.h"
#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

// open.cc
[[nodiscard]] Outcome<int> sys_open(Machine& m, TaskId self, UserStr path, int flags, uint32_t mode);
[[nodiscard]] Outcome<int> sys_openat(Machine& m, TaskId self, int dirfd, UserStr path, int flags,
                                      uint32_t mode);
[[nodiscard]] Outcome<int> sys_creat(Machine& m, TaskId self, UserStr path, uint32_t mode);
[[nodiscard]] Outcome<int> sys_openat2(Machine& m, TaskId self, int dirfd, UserStr path, UserPtr<> how_at,
                                       uint64_t size);
[[nodiscard]] Result<> sys_close(Machine& m, TaskId self, int fd);
[[nodiscard]] Result<> sys_close_range(Machine& m, TaskId self, uint32_t first, uint32_t last,
                                       uint32_t flags);

// read_write.cc
[[nodiscard]] Outcome<> sys_read(Machine& m, TaskId self, int fd, UserPtr<> buffer, uint64_t count);
[[nodiscard]] Outcome<> sys_write(Machine& m, TaskId self, int fd, UserPtr<> buffer, uint64_t count);
[[nodiscard]] Outcome<> sys_pread64(Machine& m, TaskId self, int fd, UserPtr<> buffer, uint64_t count,
                                    int64_t offset);
[[nodiscard]] Outcome<> sys_pwrite64(Machine& m, TaskId self, int fd, UserPtr<> buffer, uint64_t count,
                                     int64_t offset);
[[nodiscard]] Outcome<> sys_readv(Machine& m, TaskId self, int fd, UserPtr<IoVec> vectors, uint64_t count);
[[nodiscard]] Outcome<> sys_writev(Machine& m, TaskId self, int fd, UserPtr<IoVec> vectors, uint64_t count);
[[nodiscard]] Outcome<> sys_preadv(Machine& m, TaskId self, int fd, UserPtr<IoVec> vectors, uint64_t count,
                                   int64_t offset, uint64_t /*offset_high*/);
[[nodiscard]] Outcome<> sys_pwritev(Machine& m, TaskId self, int fd, UserPtr<IoVec> vectors, uint64_t count,
                                    int64_t offset, uint64_t /*offset_high*/);
[[nodiscard]] Outcome<> sys_preadv2(Machine& m, TaskId self, int fd, UserPtr<IoVec> vectors, uint64_t count,
                                    int64_t offset, uint64_t /*offset_high*/, uint32_t flags);
[[nodiscard]] Outcome<> sys_pwritev2(Machine& m, TaskId self, int fd, UserPtr<IoVec> vectors, uint64_t count,
                                     int64_t offset, uint64_t /*offset_high*/, uint32_t flags);
[[nodiscard]] Result<uint64_t> sys_lseek(Machine& m, TaskId self, int fd, int64_t offset, int whence);

// stat.cc
[[nodiscard]] Result<> sys_stat(Machine& m, TaskId self, UserStr path, UserPtr<Stat> to);
[[nodiscard]] Result<> sys_lstat(Machine& m, TaskId self, UserStr path, UserPtr<Stat> to);
[[nodiscard]] Result<> sys_fstat(Machine& m, TaskId self, int fd, UserPtr<Stat> to);
[[nodiscard]] Result<> sys_newfstatat(Machine& m, TaskId self, int dirfd, UserStr path, UserPtr<Stat> to,
                                      int flags);
[[nodiscard]] Result<> sys_statx(Machine& m, TaskId self, int dirfd, UserStr path, uint32_t flags,
                                 uint32_t mask, UserPtr<> to);
[[nodiscard]] Result<> sys_access(Machine& m, TaskId self, UserStr path, int mode);
[[nodiscard]] Result<> sys_faccessat(Machine& m, TaskId self, int dirfd, UserStr path, int mode);
[[nodiscard]] Result<> sys_faccessat2(Machine& m, TaskId self, int dirfd, UserStr path, int mode, int flags);
[[nodiscard]] Result<uint64_t> sys_readlinkat(Machine& m, TaskId self, int dirfd, UserStr path,
                                              UserPtr<> buffer, int size);
[[nodiscard]] Result<uint64_t> sys_readlink(Machine& m, TaskId self, UserStr path, UserPtr<> buffer,
                                            int size);
[[nodiscard]] Result<> sys_statfs(Machine& m, TaskId self, UserStr path, UserPtr<> to);
[[nodiscard]] Result<> sys_fstatfs(Machine& m, TaskId self, int fd, UserPtr<> to);

}  // namespace norn
