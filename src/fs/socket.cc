// Sockets. There is no network and no server: a program may make an AF_UNIX socket and finds, as on a
// machine where the daemon it looks for does not run, that nobody listens.
#include "fs/socket.h"

#include <algorithm>
#include <cstring>

#include "fs/eventfd.h"
#include "fs/namei.h"
#include "fs/syscalls.h"

namespace norn {

namespace {

enum : int { af_unspec = 0, af_unix = 1 };
enum SocketType : int { sock_stream = 1, sock_dgram = 2, sock_seqpacket = 5 };
constexpr int sock_type_mask = 0xf;
constexpr std::size_t sun_path_size = 108;

struct SockaddrUn {
    uint16_t family = 0;
    std::array<char, sun_path_size> path{};
};

Result<FileId> socket_at(const Machine& m, TaskId self, int fd)
{
    const FileId file = TRY(fget(m, self, fd));
    if (m[file].kind != FileKind::socket) return ENOTSOCK;
    return file;
}

Result<SockaddrUn> get_address(Machine& m, TaskId self, UserPtr<> from, uint32_t size)
{
    SockaddrUn address;
    if (size > sizeof(std::array<uint8_t, 128>)) return EINVAL;
    const std::size_t count = std::min<std::size_t>(size, sizeof address);
    if (read_user(m, m[self].mm, from.address, {reinterpret_cast<uint8_t*>(&address), count}) != count)
        return EFAULT;
    if (size <= sizeof address.family || size > sizeof address) return EINVAL;
    return address;
}

}  // namespace

void socket_release(Machine& /*m*/, FileId /*file*/) {}

Outcome<> socket_read(Machine& m, TaskId /*self*/, FileId file, std::span<const IoVec> /*to*/)
{
    return m[file].special == sock_dgram ? EAGAIN : EINVAL;
}

Outcome<> socket_write(Machine& /*m*/, TaskId /*self*/, FileId /*file*/, std::span<const IoVec> /*from*/)
{
    return ENOTCONN;
}

uint64_t socket_bytes(const Machine& /*m*/, FileId /*file*/)
{
    return 0;
}

uint32_t socket_ready(const Machine& /*m*/, FileId /*file*/)
{
    return poll_out | poll_wrnorm | poll_hup;
}

void socket_queues(const Machine& /*m*/, FileId /*file*/, PollQueues& /*queues*/) {}

Result<int> sys_socket(Machine& m, TaskId self, int family, int type, int protocol)
{
    const auto flags = static_cast<uint32_t>(type & ~sock_type_mask);
    const int kind = type & sock_type_mask;
    if (flags & ~(o_cloexec | o_nonblock)) return EINVAL;
    if (family != af_unix) return EAFNOSUPPORT;
    if (protocol != 0 && protocol != af_unix) return EPROTONOSUPPORT;
    if (kind != sock_stream && kind != sock_dgram && kind != sock_seqpacket) return ESOCKTNOSUPPORT;
    const FileId file = new_anon_file(m, FileKind::socket, o_rdwr | (flags & o_nonblock));
    m.edit(file).special = static_cast<uint64_t>(kind);
    Inode& inode = m.edit(m[file].inode);
    inode.mode = s_ifsock | 0777;
    inode.kind = InodeKind::socket;
    inode.fs = FsKind::sockfs;
    return install_anon_file(m, self, file, flags & o_cloexec);
}

Result<> sys_connect(Machine& m, TaskId self, int fd, UserPtr<> address, uint32_t size)
{
    TRY(socket_at(m, self, fd));
    const SockaddrUn to = TRY(get_address(m, self, address, size));
    if (to.family != af_unix) return EINVAL;
    if (to.path[0] == 0) return ECONNREFUSED;
    const std::string path(to.path.data(), strnlen(to.path.data(), size - sizeof to.family));
    const HeldPath place = TRY(path_at(m, self, at_fdcwd, path));
    TRY(may(m, self, place.inode(), may_write));
    return ECONNREFUSED;
}

}  // namespace norn
