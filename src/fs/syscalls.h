// The system calls on files; each is defined in the file that its part is named after.
#pragma once

#include "fs/abi.h"
#include "fs/file.h"
#include "norn/machine.h"
#include "norn/result.h"

namespace norn {

// attr.cc
[[nodiscard]] Result<> sys_chmod(Machine& m, TaskId self, UserStr path, uint32_t mode);
[[nodiscard]] Result<> sys_fchmodat(Machine& m, TaskId self, int dirfd, UserStr path, uint32_t mode);
[[nodiscard]] Result<> sys_fchmodat2(Machine& m, TaskId self, int dirfd, UserStr path, uint32_t mode,
                                     uint32_t flags);
[[nodiscard]] Result<> sys_fchmod(Machine& m, TaskId self, int fd, uint32_t mode);
[[nodiscard]] Result<> sys_chown(Machine& m, TaskId self, UserStr path, uint32_t uid, uint32_t gid);
[[nodiscard]] Result<> sys_lchown(Machine& m, TaskId self, UserStr path, uint32_t uid, uint32_t gid);
[[nodiscard]] Result<> sys_fchownat(Machine& m, TaskId self, int dirfd, UserStr path, uint32_t uid,
                                    uint32_t gid, int flags);
[[nodiscard]] Result<> sys_fchown(Machine& m, TaskId self, int fd, uint32_t uid, uint32_t gid);
[[nodiscard]] Result<> sys_utimensat(Machine& m, TaskId self, int dirfd, UserStr path,
                                     UserPtr<std::array<Timespec, 2>> times, int flags);
[[nodiscard]] Result<> sys_futimesat(Machine& m, TaskId self, int dirfd, UserStr path,
                                     UserPtr<std::array<Timeval, 2>> times);
[[nodiscard]] Result<> sys_utimes(Machine& m, TaskId self, UserStr path,
                                  UserPtr<std::array<Timeval, 2>> times);
[[nodiscard]] Result<> sys_utime(Machine& m, TaskId self, UserStr path,
                                 UserPtr<std::array<int64_t, 2>> times);
[[nodiscard]] Result<> sys_truncate(Machine& m, TaskId self, UserStr path, int64_t length);
[[nodiscard]] Result<> sys_ftruncate(Machine& m, TaskId self, int fd, int64_t length);
[[nodiscard]] Result<> sys_fallocate(Machine& m, TaskId self, int fd, int mode, int64_t offset,
                                     int64_t length);

// cwd.cc
[[nodiscard]] Result<> sys_chdir(Machine& m, TaskId self, UserStr path);
[[nodiscard]] Result<> sys_fchdir(Machine& m, TaskId self, int fd);
[[nodiscard]] Result<> sys_chroot(Machine& m, TaskId self, UserStr path);
[[nodiscard]] Result<uint64_t> sys_getcwd(Machine& m, TaskId self, UserPtr<> buffer, uint64_t size);
[[nodiscard]] Result<uint32_t> sys_umask(Machine& m, TaskId self, uint32_t mask);

// eventfd.cc
[[nodiscard]] Result<int> sys_eventfd2(Machine& m, TaskId self, uint32_t count, int flags);
[[nodiscard]] Result<int> sys_eventfd(Machine& m, TaskId self, uint32_t count);

// eventpoll.cc
[[nodiscard]] Result<int> sys_epoll_create(Machine& m, TaskId self, int size);
[[nodiscard]] Result<int> sys_epoll_create1(Machine& m, TaskId self, int flags);
[[nodiscard]] Result<> sys_epoll_ctl(Machine& m, TaskId self, int epfd, int operation, int fd,
                                     UserPtr<> event_at);
[[nodiscard]] Outcome<> sys_epoll_wait(Machine& m, TaskId self, int epfd, UserPtr<> events, int most,
                                       int timeout_ms);
[[nodiscard]] Outcome<> sys_epoll_pwait(Machine& m, TaskId self, int epfd, UserPtr<> events, int most,
                                        int timeout_ms, UserPtr<uint64_t> sigmask, uint64_t sigset_size);
[[nodiscard]] Outcome<> sys_epoll_pwait2(Machine& m, TaskId self, int epfd, UserPtr<> events, int most,
                                         UserPtr<Timespec> timeout, UserPtr<uint64_t> sigmask,
                                         uint64_t sigset_size);

// fcntl.cc
[[nodiscard]] Result<int> sys_dup(Machine& m, TaskId self, int fd);
[[nodiscard]] Result<int> sys_dup3(Machine& m, TaskId self, int fd, int to, int flags);
[[nodiscard]] Result<int> sys_dup2(Machine& m, TaskId self, int fd, int to);
[[nodiscard]] Outcome<> sys_fcntl(Machine& m, TaskId self, int fd, uint32_t command, uint64_t argument);
[[nodiscard]] Outcome<> sys_ioctl(Machine& m, TaskId self, int fd, uint32_t request, uint64_t argument);

// inotify.cc
[[nodiscard]] Result<> sys_inotify_init(const Machine& /*m*/, TaskId /*self*/);
[[nodiscard]] Result<> sys_inotify_init1(const Machine& /*m*/, TaskId /*self*/, int /*flags*/);

// link.cc
[[nodiscard]] Result<> sys_mkdir(Machine& m, TaskId self, UserStr path, uint32_t mode);
[[nodiscard]] Result<> sys_mkdirat(Machine& m, TaskId self, int dirfd, UserStr path, uint32_t mode);
[[nodiscard]] Result<> sys_mknod(Machine& m, TaskId self, UserStr path, uint32_t mode, uint32_t dev);
[[nodiscard]] Result<> sys_mknodat(Machine& m, TaskId self, int dirfd, UserStr path, uint32_t mode,
                                   uint32_t dev);
[[nodiscard]] Result<> sys_symlink(Machine& m, TaskId self, UserStr target, UserStr path);
[[nodiscard]] Result<> sys_symlinkat(Machine& m, TaskId self, UserStr target, int dirfd, UserStr path);
[[nodiscard]] Result<> sys_link(Machine& m, TaskId self, UserStr old_path, UserStr new_path);
[[nodiscard]] Result<> sys_linkat(Machine& m, TaskId self, int old_dirfd, UserStr old_path, int new_dirfd,
                                  UserStr new_path, int flags);
[[nodiscard]] Result<> sys_rmdir(Machine& m, TaskId self, UserStr path);
[[nodiscard]] Result<> sys_unlink(Machine& m, TaskId self, UserStr path);
[[nodiscard]] Result<> sys_unlinkat(Machine& m, TaskId self, int dirfd, UserStr path, int flags);
[[nodiscard]] Result<> sys_rename(Machine& m, TaskId self, UserStr old_path, UserStr new_path);
[[nodiscard]] Result<> sys_renameat(Machine& m, TaskId self, int old_dirfd, UserStr old_path, int new_dirfd,
                                    UserStr new_path);
[[nodiscard]] Result<> sys_renameat2(Machine& m, TaskId self, int old_dirfd, UserStr old_path, int new_dirfd,
                                     UserStr new_path, uint32_t flags);

// locks.cc
[[nodiscard]] Outcome<> sys_flock(Machine& m, TaskId self, int fd, int operation);

// memfd.cc
[[nodiscard]] Result<int> sys_memfd_create(Machine& m, TaskId self, UserStr name, uint32_t flags);

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

// pipe.cc
[[nodiscard]] Result<> sys_pipe(Machine& m, TaskId self, UserPtr<std::array<int, 2>> fds);
[[nodiscard]] Result<> sys_pipe2(Machine& m, TaskId self, UserPtr<std::array<int, 2>> fds, int flags);

// poll.cc
[[nodiscard]] Outcome<> sys_poll(Machine& m, TaskId self, UserPtr<> fds, uint32_t count, int timeout_ms);
[[nodiscard]] Outcome<> sys_ppoll(Machine& m, TaskId self, UserPtr<> fds, uint32_t count,
                                  UserPtr<Timespec> timeout, UserPtr<uint64_t> sigmask, uint64_t sigset_size);
[[nodiscard]] Outcome<> sys_select(Machine& m, TaskId self, int count, UserPtr<uint64_t> in,
                                   UserPtr<uint64_t> out, UserPtr<uint64_t> except, UserPtr<Timeval> timeout);
[[nodiscard]] Outcome<> sys_pselect6(Machine& m, TaskId self, int count, UserPtr<uint64_t> in,
                                     UserPtr<uint64_t> out, UserPtr<uint64_t> except,
                                     UserPtr<Timespec> timeout,
                                     UserPtr<std::array<uint64_t, 2>> mask_and_size);

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

// readdir.cc
[[nodiscard]] Result<uint64_t> sys_getdents64(Machine& m, TaskId self, int fd, UserPtr<> to, uint32_t size);
[[nodiscard]] Result<uint64_t> sys_getdents(Machine& m, TaskId self, int fd, UserPtr<> to, uint32_t size);

// signalfd.cc
[[nodiscard]] Result<int> sys_signalfd4(Machine& m, TaskId self, int fd, UserPtr<uint64_t> mask,
                                        uint64_t size, int flags);
[[nodiscard]] Result<int> sys_signalfd(Machine& m, TaskId self, int fd, UserPtr<uint64_t> mask,
                                       uint64_t size);

// socket.cc
[[nodiscard]] Result<int> sys_socket(Machine& m, TaskId self, int family, int type, int protocol);
[[nodiscard]] Result<> sys_socketpair(Machine& m, TaskId self, int family, int type, int protocol,
                                      UserPtr<std::array<int, 2>> fds);
[[nodiscard]] Result<> sys_connect(Machine& m, TaskId self, int fd, UserPtr<> address, uint32_t size);
[[nodiscard]] Result<> sys_bind(Machine& m, TaskId self, int fd, UserPtr<> address, uint32_t size);
[[nodiscard]] Result<> sys_listen(const Machine& m, TaskId self, int fd, int /*backlog*/);
[[nodiscard]] Result<> sys_accept(const Machine& m, TaskId self, int fd, UserPtr<> /*address*/,
                                  UserPtr<> /*size*/);
[[nodiscard]] Result<> sys_accept4(const Machine& m, TaskId self, int fd, UserPtr<> address, UserPtr<> size,
                                   int flags);
[[nodiscard]] Result<> sys_shutdown(Machine& m, TaskId self, int fd, int how);
[[nodiscard]] Result<> sys_getsockname(Machine& m, TaskId self, int fd, UserPtr<> address,
                                       UserPtr<uint32_t> size);
[[nodiscard]] Result<> sys_getpeername(Machine& m, TaskId self, int fd, UserPtr<> address,
                                       UserPtr<uint32_t> size);
[[nodiscard]] Outcome<> sys_sendto(Machine& m, TaskId self, int fd, UserPtr<> buffer, uint64_t size,
                                   uint32_t flags, UserPtr<> address, uint32_t /*address_size*/);
[[nodiscard]] Outcome<> sys_recvfrom(Machine& m, TaskId self, int fd, UserPtr<> buffer, uint64_t size,
                                     uint32_t flags, UserPtr<> /*address*/, UserPtr<uint32_t> address_size);
[[nodiscard]] Outcome<> sys_sendmsg(Machine& m, TaskId self, int fd, UserPtr<> message, uint32_t flags);
[[nodiscard]] Outcome<> sys_recvmsg(Machine& m, TaskId self, int fd, UserPtr<> message, uint32_t flags);
[[nodiscard]] Result<> sys_getsockopt(Machine& m, TaskId self, int fd, int level, int option, UserPtr<> value,
                                      UserPtr<uint32_t> size);
[[nodiscard]] Result<> sys_setsockopt(Machine& m, TaskId self, int fd, int level, int option,
                                      UserPtr<> /*value*/, uint32_t size);

// splice.cc
[[nodiscard]] Outcome<> sys_sendfile(Machine& m, TaskId self, int out_fd, int in_fd, UserPtr<int64_t> offset,
                                     uint64_t count);
[[nodiscard]] Outcome<> sys_copy_file_range(Machine& m, TaskId self, int in_fd, UserPtr<int64_t> in_offset,
                                            int out_fd, UserPtr<int64_t> out_offset, uint64_t count,
                                            uint32_t flags);
[[nodiscard]] Outcome<> sys_splice(Machine& m, TaskId self, int in_fd, UserPtr<int64_t> in_offset, int out_fd,
                                   UserPtr<int64_t> out_offset, uint64_t count, uint32_t flags);
[[nodiscard]] Outcome<> sys_tee(Machine& m, TaskId self, int in_fd, int out_fd, uint64_t count,
                                uint32_t flags);
[[nodiscard]] Outcome<> sys_vmsplice(Machine& m, TaskId self, int fd, UserPtr<IoVec> vectors, uint64_t count,
                                     uint32_t flags);

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

// sync.cc
[[nodiscard]] Result<> sys_sync(const Machine& /*m*/, TaskId /*self*/);
[[nodiscard]] Result<> sys_syncfs(const Machine& m, TaskId self, int fd);
[[nodiscard]] Result<> sys_fsync(const Machine& m, TaskId self, int fd);
[[nodiscard]] Result<> sys_fdatasync(const Machine& m, TaskId self, int fd);
[[nodiscard]] Result<> sys_sync_file_range(const Machine& m, TaskId self, int fd, int64_t offset,
                                           int64_t length, uint32_t flags);
[[nodiscard]] Result<> sys_fadvise64(const Machine& m, TaskId self, int fd, int64_t /*offset*/,
                                     int64_t length, int advice);
[[nodiscard]] Result<> sys_readahead(const Machine& m, TaskId self, int fd, int64_t /*offset*/,
                                     uint64_t /*count*/);

// timerfd.cc
[[nodiscard]] Result<int> sys_timerfd_create(Machine& m, TaskId self, int clock, int flags);
[[nodiscard]] Result<> sys_timerfd_settime(Machine& m, TaskId self, int fd, int flags, UserPtr<> new_value,
                                           UserPtr<> old_value);
[[nodiscard]] Result<> sys_timerfd_gettime(Machine& m, TaskId self, int fd, UserPtr<> value);

// xattr.cc
[[nodiscard]] Result<> sys_setxattr(Machine& m, TaskId self, UserStr path, UserStr name, UserPtr<> /*value*/,
                                    uint64_t /*size*/, int /*flags*/);
[[nodiscard]] Result<> sys_lsetxattr(Machine& m, TaskId self, UserStr path, UserStr name, UserPtr<> /*value*/,
                                     uint64_t /*size*/, int /*flags*/);
[[nodiscard]] Result<> sys_fsetxattr(Machine& m, TaskId self, int fd, UserStr name, UserPtr<> /*value*/,
                                     uint64_t /*size*/, int /*flags*/);
[[nodiscard]] Result<> sys_getxattr(Machine& m, TaskId self, UserStr path, UserStr name, UserPtr<> /*value*/,
                                    uint64_t /*size*/);
[[nodiscard]] Result<> sys_lgetxattr(Machine& m, TaskId self, UserStr path, UserStr name, UserPtr<> /*value*/,
                                     uint64_t /*size*/);
[[nodiscard]] Result<> sys_fgetxattr(Machine& m, TaskId self, int fd, UserStr name, UserPtr<> /*value*/,
                                     uint64_t /*size*/);
[[nodiscard]] Result<> sys_listxattr(Machine& m, TaskId self, UserStr path, UserPtr<> /*list*/,
                                     uint64_t /*size*/);
[[nodiscard]] Result<> sys_llistxattr(Machine& m, TaskId self, UserStr path, UserPtr<> /*list*/,
                                      uint64_t /*size*/);
[[nodiscard]] Result<> sys_flistxattr(Machine& m, TaskId self, int fd, UserPtr<> /*list*/, uint64_t /*size*/);
[[nodiscard]] Result<> sys_removexattr(Machine& m, TaskId self, UserStr path, UserStr name);
[[nodiscard]] Result<> sys_lremovexattr(Machine& m, TaskId self, UserStr path, UserStr name);
[[nodiscard]] Result<> sys_fremovexattr(Machine& m, TaskId self, int fd, UserStr name);

}  // namespace norn
