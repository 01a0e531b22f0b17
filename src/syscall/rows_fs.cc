// Rows of the calls on files.
#include "fs/syscalls.h"
#include "syscall/rows.h"

namespace norn {

namespace {

constexpr ArgDescription fd{"fd", ArgKind::fd, {}};
constexpr ArgDescription pathname{"pathname", ArgKind::path, {}};
constexpr ArgDescription dirfd{"dirfd", ArgKind::dirfd, {}};
constexpr ArgDescription sockfd{"sockfd", ArgKind::fd, {}};
constexpr ArgDescription path{"path", ArgKind::path, {}};
constexpr ArgDescription size{"size", ArgKind::size, {}};
constexpr ArgDescription offset{"offset", ArgKind::number, {}};
constexpr ArgDescription name{"name", ArgKind::string, {}};
constexpr ArgDescription mode{"mode", ArgKind::mode_octal, {}};
constexpr ArgDescription flags{"flags", ArgKind::flags, "open_flags"};
constexpr ArgDescription buf{"buf", ArgKind::buffer_out, {}};
constexpr ArgDescription count{"count", ArgKind::size, {}};
constexpr ArgDescription iovcnt{"iovcnt", ArgKind::unsigned_number, {}};
constexpr ArgDescription value{"value", ArgKind::address, {}};
constexpr ArgDescription flags_at_flags{"flags", ArgKind::flags, "at_flags"};
constexpr ArgDescription oldpath{"oldpath", ArgKind::path, {}};
constexpr ArgDescription newpath{"newpath", ArgKind::path, {}};
constexpr ArgDescription len{"len", ArgKind::size, {}};
constexpr ArgDescription addrlen{"addrlen", ArgKind::address, {}};
constexpr ArgDescription iov{"iov", ArgKind::structure, "iovec_in"};
constexpr ArgDescription offset_high{"offset_high", ArgKind::number, {}};
constexpr ArgDescription statbuf{"statbuf", ArgKind::structure, "stat"};
constexpr ArgDescription newdirfd{"newdirfd", ArgKind::dirfd, {}};
constexpr ArgDescription owner{"owner", ArgKind::unsigned_number, {}};
constexpr ArgDescription group{"group", ArgKind::unsigned_number, {}};
constexpr ArgDescription epfd{"epfd", ArgKind::fd, {}};
constexpr ArgDescription addr{"addr", ArgKind::address, {}};
constexpr ArgDescription flags_h{"flags", ArgKind::hex, {}};
constexpr ArgDescription buf_bi{"buf", ArgKind::buffer_in, {}};
constexpr ArgDescription iov_iovec_out{"iov", ArgKind::structure, "iovec_out"};
constexpr ArgDescription mode_access_mode{"mode", ArgKind::flags, "access_mode"};
constexpr ArgDescription olddirfd{"olddirfd", ArgKind::dirfd, {}};
constexpr ArgDescription oldfd{"oldfd", ArgKind::fd, {}};
constexpr ArgDescription fd_in{"fd_in", ArgKind::fd, {}};
constexpr ArgDescription fd_out{"fd_out", ArgKind::fd, {}};
constexpr ArgDescription flags_splice_flags{"flags", ArgKind::flags, "splice_flags"};
constexpr ArgDescription flags_xattr_flags{"flags", ArgKind::flags, "xattr_flags"};
constexpr ArgDescription list{"list", ArgKind::address, {}};
constexpr ArgDescription timeout{"timeout", ArgKind::number, {}};
constexpr ArgDescription sigmask{"sigmask", ArgKind::structure, "sigset"};
constexpr ArgDescription sigsetsize{"sigsetsize", ArgKind::size, {}};
constexpr ArgDescription events{"events", ArgKind::structure, "epoll_events"};
constexpr ArgDescription maxevents{"maxevents", ArgKind::number, {}};
constexpr ArgDescription addrlen_count{"addrlen", ArgKind::unsigned_number, {}};

constexpr std::array rows{
    row<sys_read>(0, "read", {{fd, buf, count}}),
    row<sys_write>(1, "write", {{fd, buf_bi, count}}),
    row<sys_open>(2, "open", {{pathname, flags, mode}}),
    row<sys_close>(3, "close", {{fd}}),
    row<sys_stat>(4, "stat", {{pathname, statbuf}}),
    row<sys_fstat>(5, "fstat", {{fd, statbuf}}),
    row<sys_lstat>(6, "lstat", {{pathname, statbuf}}),
    row<sys_poll>(7, "poll",
                  {{{"fds", ArgKind::structure, "pollfd"}, {"nfds", ArgKind::unsigned_number, {}}, timeout}}),
    row<sys_lseek>(8, "lseek", {{fd, offset, {"whence", ArgKind::flags, "lseek_whence"}}}),
    row<sys_ioctl>(
        16, "ioctl",
        {{fd, {"request", ArgKind::flags, "ioctl_request"}, {"arg", ArgKind::structure, "ioctl_arg"}}}),
    row<sys_pread64>(17, "pread64", {{fd, buf, count, offset}}),
    row<sys_pwrite64>(18, "pwrite64", {{fd, buf_bi, count, offset}}),
    row<sys_readv>(19, "readv", {{fd, iov_iovec_out, iovcnt}}),
    row<sys_writev>(20, "writev", {{fd, iov, iovcnt}}),
    row<sys_access>(21, "access", {{pathname, mode_access_mode}}),
    row<sys_pipe>(22, "pipe", {{{"pipefd", ArgKind::structure, "fd_pair"}}}),
    row<sys_select>(23, "select",
                    {{{"nfds", ArgKind::number, {}},
                      {"readfds", ArgKind::structure, "fd_set"},
                      {"writefds", ArgKind::structure, "fd_set"},
                      {"exceptfds", ArgKind::structure, "fd_set"},
                      {"timeout", ArgKind::structure, "timeval"}}}),
    row<sys_dup>(32, "dup", {{oldfd}}),
    row<sys_dup2>(33, "dup2", {{oldfd, {"newfd", ArgKind::fd, {}}}}),
    row<sys_sendfile>(40, "sendfile",
                      {{{"out_fd", ArgKind::fd, {}},
                        {"in_fd", ArgKind::fd, {}},
                        {"offset", ArgKind::structure, "offset"},
                        count}}),
    row<sys_socket>(41, "socket",
                    {{{"domain", ArgKind::flags, "socket_family"},
                      {"type", ArgKind::flags, "socket_type"},
                      {"protocol", ArgKind::number, {}}}}),
    row<sys_connect>(42, "connect", {{sockfd, {"addr", ArgKind::structure, "sockaddr"}, addrlen_count}}),
    row<sys_accept>(43, "accept", {{sockfd, addr, addrlen}}),
    row<sys_sendto>(
        44, "sendto",
        {{sockfd, buf_bi, len, flags_h, {"dest_addr", ArgKind::structure, "sockaddr"}, addrlen_count}}),
    row<sys_recvfrom>(45, "recvfrom",
                      {{sockfd, buf, len, flags_h, {"src_addr", ArgKind::address, {}}, addrlen}}),
    row<sys_sendmsg>(46, "sendmsg", {{sockfd, {"msg", ArgKind::address, {}}, flags_h}}),
    row<sys_recvmsg>(47, "recvmsg", {{sockfd, {"msg", ArgKind::address, {}}, flags_h}}),
    row<sys_shutdown>(48, "shutdown", {{sockfd, {"how", ArgKind::number, {}}}}),
    row<sys_bind>(49, "bind", {{sockfd, {"addr", ArgKind::structure, "sockaddr"}, addrlen_count}}),
    row<sys_listen>(50, "listen", {{sockfd, {"backlog", ArgKind::number, {}}}}),
    row<sys_getsockname>(51, "getsockname", {{sockfd, addr, addrlen}}),
    row<sys_getpeername>(52, "getpeername", {{sockfd, addr, addrlen}}),
    row<sys_socketpair>(53, "socketpair",
                        {{{"domain", ArgKind::flags, "socket_family"},
                          {"type", ArgKind::flags, "socket_type"},
                          {"protocol", ArgKind::number, {}},
                          {"sv", ArgKind::structure, "fd_pair"}}}),
    row<sys_setsockopt>(54, "setsockopt",
                        {{sockfd,
                          {"level", ArgKind::number, {}},
                          {"optname", ArgKind::number, {}},
                          {"optval", ArgKind::address, {}},
                          {"optlen", ArgKind::unsigned_number, {}}}}),
    row<sys_getsockopt>(55, "getsockopt",
                        {{sockfd,
                          {"level", ArgKind::number, {}},
                          {"optname", ArgKind::number, {}},
                          {"optval", ArgKind::address, {}},
                          {"optlen", ArgKind::address, {}}}}),
    row<sys_fcntl>(72, "fcntl",
                   {{fd, {"cmd", ArgKind::flags, "fcntl_cmd"}, {"arg", ArgKind::structure, "fcntl_arg"}}}),
    row<sys_flock>(73, "flock", {{fd, {"operation", ArgKind::flags, "flock_op"}}}),
    row<sys_fsync>(74, "fsync", {{fd}}),
    row<sys_fdatasync>(75, "fdatasync", {{fd}}),
    row<sys_truncate>(76, "truncate", {{path, {"length", ArgKind::number, {}}}}),
    row<sys_ftruncate>(77, "ftruncate", {{fd, {"length", ArgKind::number, {}}}}),
    row<sys_getdents>(
        78, "getdents",
        {{fd, {"dirp", ArgKind::structure, "dirents"}, {"count", ArgKind::unsigned_number, {}}}}),
    row<sys_getcwd>(79, "getcwd", {{buf, size}}),
    row<sys_chdir>(80, "chdir", {{path}}),
    row<sys_fchdir>(81, "fchdir", {{fd}}),
    row<sys_rename>(82, "rename", {{oldpath, newpath}}),
    row<sys_mkdir>(83, "mkdir", {{pathname, mode}}),
    row<sys_rmdir>(84, "rmdir", {{pathname}}),
    row<sys_creat>(85, "creat", {{pathname, mode}}),
    row<sys_link>(86, "link", {{oldpath, newpath}}),
    row<sys_unlink>(87, "unlink", {{pathname}}),
    row<sys_symlink>(88, "symlink", {{{"target", ArgKind::path, {}}, {"linkpath", ArgKind::path, {}}}}),
    row<sys_readlink>(89, "readlink", {{pathname, buf, {"bufsiz", ArgKind::number, {}}}}),
    row<sys_chmod>(90, "chmod", {{pathname, mode}}),
    row<sys_fchmod>(91, "fchmod", {{fd, mode}}),
    row<sys_chown>(92, "chown", {{pathname, owner, group}}),
    row<sys_fchown>(93, "fchown", {{fd, owner, group}}),
    row<sys_lchown>(94, "lchown", {{pathname, owner, group}}),
    row<sys_umask>(95, "umask", {{{"mask", ArgKind::mode_octal, {}}}}),
    row<sys_utime>(132, "utime",
                   {{{"filename", ArgKind::path, {}}, {"times", ArgKind::structure, "utimbuf"}}}),
    row<sys_mknod>(133, "mknod",
                   {{pathname, {"mode", ArgKind::flags, "mknod_mode"}, {"dev", ArgKind::hex, {}}}}),
    row<sys_statfs>(137, "statfs", {{path, {"buf", ArgKind::structure, "statfs"}}}),
    row<sys_fstatfs>(138, "fstatfs", {{fd, {"buf", ArgKind::structure, "statfs"}}}),
    row<sys_chroot>(161, "chroot", {{path}}),
    row<sys_sync>(162, "sync"),
    row<sys_readahead>(187, "readahead", {{fd, offset, count}}),
    row<sys_setxattr>(188, "setxattr", {{path, name, value, size, flags_xattr_flags}}),
    row<sys_lsetxattr>(189, "lsetxattr", {{path, name, value, size, flags_xattr_flags}}),
    row<sys_fsetxattr>(190, "fsetxattr", {{fd, name, value, size, flags_xattr_flags}}),
    row<sys_getxattr>(191, "getxattr", {{path, name, value, size}}),
    row<sys_lgetxattr>(192, "lgetxattr", {{path, name, value, size}}),
    row<sys_fgetxattr>(193, "fgetxattr", {{fd, name, value, size}}),
    row<sys_listxattr>(194, "listxattr", {{path, list, size}}),
    row<sys_llistxattr>(195, "llistxattr", {{path, list, size}}),
    row<sys_flistxattr>(196, "flistxattr", {{fd, list, size}}),
    row<sys_removexattr>(197, "removexattr", {{path, name}}),
    row<sys_lremovexattr>(198, "lremovexattr", {{path, name}}),
    row<sys_fremovexattr>(199, "fremovexattr", {{fd, name}}),
    row<sys_epoll_create>(213, "epoll_create", {{{"size", ArgKind::number, {}}}}),
    row<sys_getdents64>(
        217, "getdents64",
        {{fd, {"dirp", ArgKind::structure, "dirents64"}, {"count", ArgKind::unsigned_number, {}}}}),
    row<sys_fadvise64>(221, "fadvise64",
                       {{fd, offset, {"len", ArgKind::number, {}}, {"advice", ArgKind::flags, "fadvise"}}}),
    row<sys_epoll_wait>(232, "epoll_wait", {{epfd, events, maxevents, timeout}}),
    row<sys_epoll_ctl>(
        233, "epoll_ctl",
        {{epfd, {"op", ArgKind::flags, "epoll_op"}, fd, {"event", ArgKind::structure, "epoll_event"}}}),
    row<sys_utimes>(235, "utimes",
                    {{{"filename", ArgKind::path, {}}, {"times", ArgKind::structure, "timeval_pair"}}}),
    row<sys_inotify_init>(253, "inotify_init"),
    row<sys_openat>(257, "openat", {{dirfd, pathname, flags, mode}}),
    row<sys_mkdirat>(258, "mkdirat", {{dirfd, pathname, mode}}),
    row<sys_mknodat>(259, "mknodat",
                     {{dirfd, pathname, {"mode", ArgKind::flags, "mknod_mode"}, {"dev", ArgKind::hex, {}}}}),
    row<sys_fchownat>(260, "fchownat", {{dirfd, pathname, owner, group, flags_at_flags}}),
    row<sys_futimesat>(261, "futimesat", {{dirfd, pathname, {"times", ArgKind::structure, "timeval_pair"}}}),
    row<sys_newfstatat>(262, "newfstatat", {{dirfd, pathname, statbuf, flags_at_flags}}),
    row<sys_unlinkat>(263, "unlinkat", {{dirfd, pathname, {"flags", ArgKind::flags, "unlinkat_flags"}}}),
    row<sys_renameat>(264, "renameat", {{olddirfd, oldpath, newdirfd, newpath}}),
    row<sys_linkat>(265, "linkat",
                    {{olddirfd, oldpath, newdirfd, newpath, {"flags", ArgKind::flags, "linkat_flags"}}}),
    row<sys_symlinkat>(266, "symlinkat",
                       {{{"target", ArgKind::path, {}}, newdirfd, {"linkpath", ArgKind::path, {}}}}),
    row<sys_readlinkat>(267, "readlinkat", {{dirfd, pathname, buf, {"bufsiz", ArgKind::number, {}}}}),
    row<sys_fchmodat>(268, "fchmodat", {{dirfd, pathname, mode}}),
    row<sys_faccessat>(269, "faccessat", {{dirfd, pathname, mode_access_mode}}),
    row<sys_pselect6>(270, "pselect6",
                      {{{"nfds", ArgKind::number, {}},
                        {"readfds", ArgKind::structure, "fd_set"},
                        {"writefds", ArgKind::structure, "fd_set"},
                        {"exceptfds", ArgKind::structure, "fd_set"},
                        {"timeout", ArgKind::structure, "timespec"},
                        {"sigmask", ArgKind::structure, "pselect_mask"}}}),
    row<sys_ppoll>(271, "ppoll",
                   {{{"fds", ArgKind::structure, "pollfd"},
                     {"nfds", ArgKind::unsigned_number, {}},
                     {"tmo_p", ArgKind::structure, "timespec"},
                     sigmask,
                     sigsetsize}}),
    row<sys_splice>(275, "splice",
                    {{fd_in,
                      {"off_in", ArgKind::structure, "offset"},
                      fd_out,
                      {"off_out", ArgKind::structure, "offset"},
                      len,
                      flags_splice_flags}}),
    row<sys_tee>(276, "tee", {{fd_in, fd_out, len, flags_splice_flags}}),
    row<sys_sync_file_range>(
        277, "sync_file_range",
        {{fd, offset, {"nbytes", ArgKind::number, {}}, {"flags", ArgKind::flags, "sync_file_range_flags"}}}),
    row<sys_vmsplice>(278, "vmsplice", {{fd, iov, {"nr_segs", ArgKind::size, {}}, flags_splice_flags}}),
    row<sys_utimensat>(280, "utimensat",
                       {{dirfd, pathname, {"times", ArgKind::structure, "timespec_pair"}, flags_at_flags}}),
    row<sys_epoll_pwait>(281, "epoll_pwait", {{epfd, events, maxevents, timeout, sigmask, sigsetsize}}),
    row<sys_signalfd>(282, "signalfd",
                      {{fd, {"mask", ArgKind::structure, "sigset"}, {"sizemask", ArgKind::size, {}}}}),
    row<sys_timerfd_create>(283, "timerfd_create", {{{"clockid", ArgKind::flags, "clock_id"}, flags}}),
    row<sys_eventfd>(284, "eventfd", {{{"initval", ArgKind::unsigned_number, {}}}}),
    row<sys_fallocate>(
        285, "fallocate",
        {{fd, {"mode", ArgKind::flags, "falloc_flags"}, offset, {"len", ArgKind::number, {}}}}),
    row<sys_timerfd_settime>(286, "timerfd_settime",
                             {{fd,
                               {"flags", ArgKind::flags, "timerfd_flags"},
                               {"new_value", ArgKind::structure, "itimerspec"},
                               {"old_value", ArgKind::structure, "itimerspec_out"}}}),
    row<sys_timerfd_gettime>(287, "timerfd_gettime",
                             {{fd, {"curr_value", ArgKind::structure, "itimerspec_out"}}}),
    row<sys_accept4>(288, "accept4", {{sockfd, addr, addrlen, {"flags", ArgKind::flags, "socket_type"}}}),
    row<sys_signalfd4>(
        289, "signalfd4",
        {{fd, {"mask", ArgKind::structure, "sigset"}, {"sizemask", ArgKind::size, {}}, flags}}),
    row<sys_eventfd2>(
        290, "eventfd2",
        {{{"initval", ArgKind::unsigned_number, {}}, {"flags", ArgKind::flags, "eventfd_flags"}}}),
    row<sys_epoll_create1>(291, "epoll_create1", {{flags}}),
    row<sys_dup3>(292, "dup3", {{oldfd, {"newfd", ArgKind::fd, {}}, flags}}),
    row<sys_pipe2>(293, "pipe2", {{{"pipefd", ArgKind::structure, "fd_pair"}, flags}}),
    row<sys_inotify_init1>(294, "inotify_init1", {{flags}}),
    row<sys_preadv>(295, "preadv", {{fd, iov_iovec_out, iovcnt, offset, offset_high}}),
    row<sys_pwritev>(296, "pwritev", {{fd, iov, iovcnt, offset, offset_high}}),
    row<sys_syncfs>(306, "syncfs", {{fd}}),
    row<sys_renameat2>(316, "renameat2",
                       {{olddirfd, oldpath, newdirfd, newpath, {"flags", ArgKind::flags, "rename_flags"}}}),
    row<sys_memfd_create>(319, "memfd_create", {{name, {"flags", ArgKind::flags, "memfd_flags"}}}),
    row<sys_copy_file_range>(326, "copy_file_range",
                             {{fd_in,
                               {"off_in", ArgKind::structure, "offset"},
                               fd_out,
                               {"off_out", ArgKind::structure, "offset"},
                               len,
                               {"flags", ArgKind::flags, "zero_flags"}}}),
    row<sys_preadv2>(
        327, "preadv2",
        {{fd, iov_iovec_out, iovcnt, offset, offset_high, {"flags", ArgKind::flags, "rwf_flags"}}}),
    row<sys_pwritev2>(328, "pwritev2",
                      {{fd, iov, iovcnt, offset, offset_high, {"flags", ArgKind::flags, "rwf_flags"}}}),
    row<sys_statx>(332, "statx",
                   {{dirfd,
                     pathname,
                     flags_at_flags,
                     {"mask", ArgKind::flags, "statx_mask"},
                     {"statxbuf", ArgKind::structure, "statx"}}}),
    row<sys_close_range>(436, "close_range",
                         {{{"first", ArgKind::unsigned_number, {}},
                           {"last", ArgKind::unsigned_number, {}},
                           {"flags", ArgKind::flags, "close_range_flags"}}}),
    row<sys_openat2>(437, "openat2", {{dirfd, pathname, {"how", ArgKind::structure, "open_how"}, size}}),
    row<sys_faccessat2>(439, "faccessat2",
                        {{dirfd, pathname, mode_access_mode, {"flags", ArgKind::flags, "faccessat_flags"}}}),
    row<sys_epoll_pwait2>(
        441, "epoll_pwait2",
        {{epfd, events, maxevents, {"timeout", ArgKind::structure, "timespec"}, sigmask, sigsetsize}}),
    row<sys_fchmodat2>(452, "fchmodat2", {{dirfd, pathname, mode, flags_at_flags}})};

}  // namespace

std::span<const SyscallRow> rows_fs()
{
    return rows;
}

}  // namespace norn
