// Sockets (unix(7)): pairs that are connected from the start, and single ones that find, as on a machine
// where the daemon they look for does not run, that nobody listens. Datagram sockets of the internet's
// family (ip(7)) are there for who asks whether there is a network: no interface is up, so nothing leads out.
//
//  K1  A socket's inode has the queue of what it receives, a pipe, whose `readers` and `writers` tell
//      which of both ends may still receive and send. It names its peer until that is closed.
//  K2  A single datagram socket has a queue as well, into which nobody sends, and which is not ended: that
//      tells it from one whose peer is gone.
#include "fs/socket.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "fs/eventfd.h"
#include "fs/namei.h"
#include "fs/pipe.h"
#include "fs/syscalls.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "kernel/wait_queue.h"

namespace norn {

namespace {

enum : int { af_unspec = 0, af_unix = 1, af_inet = 2 };
enum SocketType : int { sock_stream = 1, sock_dgram = 2, sock_seqpacket = 5 };
enum MessageFlag : uint32_t {
    msg_peek = 2,
    msg_trunc = 0x20,
    msg_dontwait = 0x40,
    msg_eor = 0x80,
    msg_waitall = 0x100,
    msg_nosignal = 0x4000,
    msg_more = 0x8000,
    msg_cmsg_cloexec = 0x40000000,
};
constexpr uint32_t default_buffer = 212992, most_asked = 4 << 20;
constexpr uint32_t least_send_buffer = 4608, least_receive_buffer = 2304;
constexpr int sock_type_mask = 0xf;
constexpr int ipproto_udp = 17;
constexpr std::size_t sun_path_size = 108;
constexpr uint32_t sockaddr_in_size = 16;
constexpr uint64_t family_shift = 8;  // of the inode's `special`, which has the type below it

struct SockaddrUn {
    uint16_t family = 0;
    std::array<char, sun_path_size> path{};
};

/// struct msghdr (recvmsg(2)).
struct Msghdr {
    uint64_t name = 0;
    uint32_t name_size = 0, pad = 0;
    uint64_t vectors = 0, vector_count = 0;
    uint64_t control = 0, control_size = 0;
    int32_t flags = 0, pad2 = 0;
};

struct Ucred {
    int32_t pid = 0;
    uint32_t uid = 0, gid = 0;
};

Result<FileId> socket_at(const Machine& m, TaskId self, int fd)
{
    const FileId file = TRY(file_of_call(m, self, fd));
    if (m[file].kind != FileKind::socket) return ENOTSOCK;
    return file;
}

InodeId peer_of(const Machine& m, FileId file)
{
    return m[m[file].inode].peer;
}

int kind_of(const Machine& m, FileId file)
{
    return static_cast<int>(m[m[file].inode].special) & sock_type_mask;
}

int family_of(const Machine& m, FileId file)
{
    return static_cast<int>(m[m[file].inode].special >> family_shift);
}

bool is_stream(const Machine& m, FileId file)
{
    return kind_of(m, file) == sock_stream;
}

/// Is it, or was it, one of a pair?
bool is_connected(const Machine& m, FileId file)
{
    const PipeId queue = m[m[file].inode].pipe;
    return queue && (peer_of(m, file) || m[queue].writers == 0);
}

Result<SockaddrUn> get_address(Machine& m, TaskId self, UserPtr<> from, uint32_t size)
{
    constexpr uint32_t largest_address = 128;
    SockaddrUn address;
    if (size > largest_address) return EINVAL;
    const std::size_t count = std::min<std::size_t>(size, sizeof address);
    if (read_user(m, m[self].mm, from.address, {reinterpret_cast<uint8_t*>(&address), count}) != count)
        return EFAULT;
    if (size <= sizeof address.family || size > sizeof address) return EINVAL;
    return address;
}

/// What an address must be for a socket of the internet's family to look for the way there.
Result<> check_inet_address(const SockaddrUn& to, uint32_t size)
{
    if (size < sockaddr_in_size) return EINVAL;
    if (to.family != af_inet) return EAFNOSUPPORT;
    return {};
}

// The address of a socket without a name: its family alone; of the internet's, no address and no port.
Result<> put_unnamed(Machine& m, TaskId self, FileId file, UserPtr<> to, UserPtr<uint32_t> size_at)
{
    const uint32_t room = TRY(get_user(m, self, size_at));
    SockaddrUn address;
    address.family = static_cast<uint16_t>(family_of(m, file));
    const uint32_t size = address.family == af_inet ? sockaddr_in_size : uint32_t{sizeof address.family};
    const auto* bytes = reinterpret_cast<const uint8_t*>(&address);
    const std::size_t count = std::min(room, size);
    if (write_user(m, m[self].mm, to.address, {bytes, count}) != count) return EFAULT;
    return put_user(m, self, size_at, size);
}

FileId new_socket(Machine& m, int family, int type)
{
    const auto flags = static_cast<uint32_t>(type & ~sock_type_mask);
    const auto kind = static_cast<uint64_t>(type & sock_type_mask);
    const FileId file = new_anon_file(m, FileKind::socket, o_rdwr | (flags & o_nonblock));
    Inode& inode = m.edit(m[file].inode);
    inode.mode = s_ifsock | 0777;
    inode.kind = InodeKind::socket;
    inode.fs = FsKind::sockfs;
    inode.special = kind | static_cast<uint64_t>(family) << family_shift;
    inode.send_buffer = inode.receive_buffer = default_buffer;
    return file;
}

void give_queue(Machine& m, FileId file, InodeId peer)
{
    const PipeId queue = new_pipe(m);
    Pipe& made = m.edit(queue);
    made.refs = made.readers = made.writers = 1;
    Inode& inode = m.edit(m[file].inode);
    inode.pipe = queue;
    inode.peer = peer;
}

void wake_queue(Machine& m, PipeId queue)
{
    wake_up_all(m, queue_of(QueueKind::pipe_read, queue.raw));
    wake_up_all(m, queue_of(QueueKind::pipe_write, queue.raw));
}

void stop_receiving(Machine& m, InodeId inode)
{
    m.edit(m[inode].pipe).readers = 0;
    wake_queue(m, m[inode].pipe);
}

void stop_sending(Machine& m, InodeId inode)
{
    const InodeId peer = m[inode].peer;
    if (!peer) return;
    m.edit(m[peer].pipe).writers = 0;
    wake_queue(m, m[peer].pipe);
}

PipeMode mode_of(const Machine& m, FileId file, uint32_t flags)
{
    PipeMode mode;
    mode.nonblock = (m[file].flags & o_nonblock) || (flags & msg_dontwait);
    mode.packets = mode.whole = !is_stream(m, file);
    return mode;
}

/// What came: for a packet that was cut, `whole` is what it had been.
struct Received {
    Outcome<> bytes;
    uint64_t whole = 0;
    [[nodiscard]] bool cut() const { return bytes.ok() && whole > bytes.value(); }
};

Received receive(Machine& m, TaskId self, FileId file, std::span<const IoVec> to, uint32_t flags)
{
    const PipeId queue = m[m[file].inode].pipe;
    if (!queue) return {EINVAL};
    if (m[queue].readers == 0) return {uint64_t{0}};
    PipeMode mode = mode_of(m, file, flags);
    mode.look = flags & msg_peek;
    mode.all = (flags & msg_waitall) && !mode.packets;
    mode.timeout_ns = m[m[file].inode].receive_timeout_ns;
    const uint64_t whole = mode.packets ? pipe_packet(m, queue) : 0;
    return {pipe_take(m, self, queue, to, mode), whole};
}

Outcome<> send(Machine& m, TaskId self, FileId file, std::span<const IoVec> from, uint32_t flags)
{
    constexpr uint32_t reserved = 32;
    if (!is_connected(m, file)) return family_of(m, file) == af_inet ? EDESTADDRREQ : ENOTCONN;
    const Inode& socket = m[m[file].inode];
    const InodeId peer = socket.peer;
    const bool stream = is_stream(m, file);
    if (!stream && IoCursor(from).left() > socket.send_buffer - reserved) return EMSGSIZE;
    const bool broken = !peer || m[m[peer].pipe].writers == 0;
    if (!broken) {
        PipeMode mode = mode_of(m, file, flags);
        mode.quiet = flags & msg_nosignal;
        mode.timeout_ns = socket.send_timeout_ns;
        return pipe_put(m, self, m[peer].pipe, from, mode);
    }
    if (!stream) return ECONNREFUSED;
    if (!(flags & msg_nosignal)) signal_self(m, self, SIGPIPE_);
    return EPIPE;
}

// To an address: nobody has one.
Outcome<> send_to(Machine& m, TaskId self, FileId file, UserPtr<> address, uint32_t size)
{
    const SockaddrUn to = TRY(get_address(m, self, address, size));
    if (family_of(m, file) != af_inet) return is_connected(m, file) ? EISCONN : EOPNOTSUPP;
    TRY(check_inet_address(to, size));
    return ENETUNREACH;
}

Result<> check_send_flags(uint32_t flags)
{
    constexpr uint32_t known = msg_dontwait | msg_nosignal | msg_eor | msg_more | msg_cmsg_cloexec;
    return flags & ~known ? EOPNOTSUPP : Errno::none;
}

Result<> check_receive_flags(uint32_t flags)
{
    constexpr uint32_t known =
        msg_peek | msg_trunc | msg_dontwait | msg_waitall | msg_nosignal | msg_cmsg_cloexec;
    return flags & ~known ? EOPNOTSUPP : Errno::none;
}

/// What is sent may fill the other's queue so far: a page a buffer, or a packet, which costs more than it
/// holds.
void size_queue(Machine& m, FileId socket)
{
    constexpr uint32_t packet_cost = 768, most_buffers = 512;
    const InodeId peer = peer_of(m, socket);
    const uint32_t cost = is_stream(m, socket) ? static_cast<uint32_t>(page_size) : packet_cost;
    const uint32_t buffers = m[m[socket].inode].send_buffer / cost;
    if (peer) pipe_make_room(m, m[peer].pipe, std::clamp(buffers, 1u, most_buffers));
}

}  // namespace

void socket_release(Machine& m, FileId file)
{
    const InodeId inode = m[file].inode;
    if (!m[inode].pipe) return;
    stop_sending(m, inode);
    if (const InodeId peer = m[inode].peer) {
        m.edit(peer).peer = InodeId{};
        wake_queue(m, m[inode].pipe);
    }
    const PipeId queue = m[inode].pipe;
    Inode& closed = m.edit(inode);
    closed.pipe = PipeId{};
    closed.peer = InodeId{};
    free_pipe(m, queue);
}

Outcome<> socket_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to)
{
    return receive(m, self, file, to, 0).bytes;
}

Outcome<> socket_write(Machine& m, TaskId self, FileId file, std::span<const IoVec> from)
{
    return send(m, self, file, from, 0);
}

uint64_t socket_bytes(const Machine& m, FileId file)
{
    const PipeId queue = m[m[file].inode].pipe;
    return queue ? pipe_bytes(m, queue) : 0;
}

uint32_t socket_ready(const Machine& m, FileId file)
{
    const PipeId queue = m[m[file].inode].pipe;
    if (!queue) return poll_out | poll_wrnorm | poll_hup;
    const InodeId peer = peer_of(m, file);
    const bool ended = m[queue].writers == 0 || m[queue].readers == 0;
    uint32_t ready = 0;
    if (ended || pipe_bytes(m, queue) > 0) ready |= poll_in | poll_rdnorm;
    if (ended) ready |= poll_rdhup;
    if (!peer && ended) ready |= poll_hup;
    if (!peer || !pipe_is_full(m, m[peer].pipe)) ready |= poll_out | poll_wrnorm;
    return ready;
}

void socket_queues(const Machine& m, FileId file, PollQueues& queues)
{
    if (const PipeId queue = m[m[file].inode].pipe) queues.add(queue_of(QueueKind::pipe_read, queue.raw));
    if (const InodeId peer = peer_of(m, file)) queues.add(queue_of(QueueKind::pipe_write, m[peer].pipe.raw));
}

namespace {

Result<> check_kind(int family, int type, int protocol)
{
    const auto flags = static_cast<uint32_t>(type & ~sock_type_mask);
    const int kind = type & sock_type_mask;
    if (flags & ~(o_cloexec | o_nonblock)) return EINVAL;
    if (family == af_inet && kind == sock_dgram)
        return protocol == 0 || protocol == ipproto_udp ? Errno::none : EPROTONOSUPPORT;
    if (family != af_unix) return EAFNOSUPPORT;
    if (protocol != 0 && protocol != af_unix) return EPROTONOSUPPORT;
    if (kind != sock_stream && kind != sock_dgram && kind != sock_seqpacket) return ESOCKTNOSUPPORT;
    return {};
}

}  // namespace

Result<int> sys_socket(Machine& m, TaskId self, int family, int type, int protocol)
{
    TRY(check_kind(family, type, protocol));
    const FileId file = new_socket(m, family, type);
    if (kind_of(m, file) == sock_dgram) give_queue(m, file, InodeId{});
    return install_anon_file(m, self, file, static_cast<uint32_t>(type) & o_cloexec);
}

Result<> sys_socketpair(Machine& m, TaskId self, int family, int type, int protocol,
                        UserPtr<std::array<int, 2>> fds)
{
    constexpr int af_inet6 = 10;
    // Families that Linux has, but whose sockets come in no pairs.
    if (family == af_inet || family == af_inet6) return EOPNOTSUPP;
    TRY(check_kind(family, type, protocol));
    const auto flags = static_cast<uint32_t>(type & ~sock_type_mask);
    const FileId one = new_socket(m, family, type);
    const FileId other = new_socket(m, family, type);
    give_queue(m, one, m[other].inode);
    give_queue(m, other, m[one].inode);
    size_queue(m, one);
    size_queue(m, other);
    const auto first = install_anon_file(m, self, one, flags & o_cloexec);
    if (!first.ok()) {
        put_file(m, other);
        return first.error();
    }
    const auto second = install_anon_file(m, self, other, flags & o_cloexec);
    if (!second.ok()) {
        TRY(close_fd(m, self, *first));
        return second.error();
    }
    const auto told = put_user(m, self, fds, std::array<int, 2>{*first, *second});
    if (told.ok()) return {};
    TRY(close_fd(m, self, *first));
    TRY(close_fd(m, self, *second));
    return told;
}

Result<> sys_connect(Machine& m, TaskId self, int fd, UserPtr<> address, uint32_t size)
{
    const FileId file = TRY(socket_at(m, self, fd));
    const SockaddrUn to = TRY(get_address(m, self, address, size));
    if (family_of(m, file) == af_inet) {
        if (to.family == af_unspec) return {};  // connected to nobody, as it was
        TRY(check_inet_address(to, size));
        return ENETUNREACH;
    }
    if (to.family != af_unix) return EINVAL;
    if (is_connected(m, file)) return EISCONN;
    if (to.path[0] == 0) return ECONNREFUSED;
    const std::string path(to.path.data(), strnlen(to.path.data(), size - sizeof to.family));
    const HeldPath place = TRY(path_at(m, self, at_fdcwd, path));
    TRY(may(m, self, place.inode(), may_write));
    return ECONNREFUSED;
}

// Nobody outside the pair can reach a socket, so it takes no name and waits for no one.
Result<> sys_bind(Machine& m, TaskId self, int fd, UserPtr<> address, uint32_t size)
{
    const FileId file = TRY(socket_at(m, self, fd));
    const SockaddrUn name = TRY(get_address(m, self, address, size));
    if (family_of(m, file) != af_inet) return EOPNOTSUPP;
    TRY(check_inet_address(name, size));
    return EADDRNOTAVAIL;
}

Result<> sys_listen(const Machine& m, TaskId self, int fd, int /*backlog*/)
{
    TRY(socket_at(m, self, fd));
    return EOPNOTSUPP;
}

Result<> sys_accept(const Machine& m, TaskId self, int fd, UserPtr<> /*address*/, UserPtr<> /*size*/)
{
    const FileId file = TRY(socket_at(m, self, fd));
    return kind_of(m, file) == sock_dgram ? EOPNOTSUPP : EINVAL;
}

Result<> sys_accept4(const Machine& m, TaskId self, int fd, UserPtr<> address, UserPtr<> size, int flags)
{
    if (static_cast<uint32_t>(flags) & ~(o_cloexec | o_nonblock)) return EINVAL;
    return sys_accept(m, self, fd, address, size);
}

Result<> sys_shutdown(Machine& m, TaskId self, int fd, int how)
{
    enum : int { shut_rd, shut_wr, shut_rdwr };
    const FileId file = TRY(socket_at(m, self, fd));
    if (how < shut_rd || how > shut_rdwr) return EINVAL;
    const InodeId inode = m[file].inode;
    if (!is_connected(m, file)) return ENOTCONN;
    if (how != shut_wr) stop_receiving(m, inode);
    if (how != shut_rd) stop_sending(m, inode);
    return {};
}

Result<> sys_getsockname(Machine& m, TaskId self, int fd, UserPtr<> address, UserPtr<uint32_t> size)
{
    const FileId file = TRY(socket_at(m, self, fd));
    return put_unnamed(m, self, file, address, size);
}

Result<> sys_getpeername(Machine& m, TaskId self, int fd, UserPtr<> address, UserPtr<uint32_t> size)
{
    const FileId file = TRY(socket_at(m, self, fd));
    if (!peer_of(m, file)) return ENOTCONN;
    return put_unnamed(m, self, file, address, size);
}

Outcome<> sys_sendto(Machine& m, TaskId self, int fd, UserPtr<> buffer, uint64_t size, uint32_t flags,
                     UserPtr<> address, uint32_t address_size)
{
    const FileId file = TRY(socket_at(m, self, fd));
    TRY(check_send_flags(flags));
    if (address) return send_to(m, self, file, address, address_size);
    const IoVec vector{buffer.address, std::min(size, max_rw_count)};
    return sleep_holding(m, self, file, send(m, self, file, {&vector, 1}, flags));
}

Outcome<> sys_recvfrom(Machine& m, TaskId self, int fd, UserPtr<> buffer, uint64_t size, uint32_t flags,
                       UserPtr<> /*address*/, UserPtr<uint32_t> address_size)
{
    const FileId file = TRY(socket_at(m, self, fd));
    TRY(check_receive_flags(flags));
    const IoVec vector{buffer.address, std::min(size, max_rw_count)};
    const Received received = receive(m, self, file, {&vector, 1}, flags);
    const Outcome<> got = sleep_holding(m, self, file, received.bytes);
    if (got.ok() && address_size) TRY(put_user(m, self, address_size, uint32_t{0}));
    return received.cut() && (flags & msg_trunc) ? Outcome<>(received.whole) : got;
}

Outcome<> sys_sendmsg(Machine& m, TaskId self, int fd, UserPtr<> message, uint32_t flags)
{
    const FileId file = TRY(socket_at(m, self, fd));
    TRY(check_send_flags(flags));
    const Msghdr header = TRY(get_user(m, self, message.as<Msghdr>()));
    if (header.control_size > 0) return EOPNOTSUPP;
    const auto vectors = TRY(get_iovec(m, self, UserPtr<IoVec>{header.vectors}, header.vector_count));
    if (header.name) return send_to(m, self, file, UserPtr<>{header.name}, header.name_size);
    return sleep_holding(m, self, file, send(m, self, file, vectors, flags));
}

Outcome<> sys_recvmsg(Machine& m, TaskId self, int fd, UserPtr<> message, uint32_t flags)
{
    const FileId file = TRY(socket_at(m, self, fd));
    TRY(check_receive_flags(flags));
    Msghdr header = TRY(get_user(m, self, message.as<Msghdr>()));
    const auto vectors = TRY(get_iovec(m, self, UserPtr<IoVec>{header.vectors}, header.vector_count));
    const Received received = receive(m, self, file, vectors, flags);
    const Outcome<> got = sleep_holding(m, self, file, received.bytes);
    if (!got.ok()) return got;
    header.name_size = 0;
    header.control_size = 0;
    header.flags = static_cast<int32_t>((flags & msg_cmsg_cloexec) | (received.cut() ? msg_trunc : 0u));
    TRY(put_user(m, self, message.as<Msghdr>(), header));
    return received.cut() && (flags & msg_trunc) ? Outcome<>(received.whole) : got;
}

// ---- Options -----------------------------------------------------------------------------------------

namespace {

enum : int {
    sol_socket = 1,
    so_reuseaddr = 2,
    so_type = 3,
    so_error = 4,
    so_sndbuf = 7,
    so_rcvbuf = 8,
    so_keepalive = 9,
    so_passcred = 16,
    so_peercred = 17,
    so_rcvtimeo = 20,
    so_sndtimeo = 21,
    so_acceptconn = 30,
    so_protocol = 38,
    so_domain = 39,
    so_rcvtimeo_new = 66,
    so_sndtimeo_new = 67,
};

template <class T>
Result<> put_option(Machine& m, TaskId self, UserPtr<> to, UserPtr<uint32_t> size_at, const T& value)
{
    const uint32_t room = TRY(get_user(m, self, size_at));
    const std::size_t count = std::min<std::size_t>(room, sizeof value);
    const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
    if (write_user(m, m[self].mm, to.address, {bytes, count}) != count) return EFAULT;
    return put_user(m, self, size_at, static_cast<uint32_t>(count));
}

Result<> put_timeout(Machine& m, TaskId self, UserPtr<> to, UserPtr<uint32_t> size_at, uint64_t timeout_ns)
{
    const auto seconds = static_cast<int64_t>(timeout_ns / ns_per_sec);
    return put_option(m, self, to, size_at,
                      Timeval{seconds, static_cast<int64_t>(timeout_ns % ns_per_sec / 1000)});
}

/// Zero and what cannot be reached are no timeout at all; what lies in the past is over at once.
Result<uint64_t> get_timeout(Machine& m, TaskId self, UserPtr<> from, uint32_t size)
{
    if (size < sizeof(Timeval)) return EINVAL;
    const Timeval time = TRY(get_user(m, self, from.as<Timeval>()));
    if (time.usec < 0 || time.usec >= 1'000'000) return EDOM;
    constexpr int64_t most_seconds = std::numeric_limits<int64_t>::max() / 1000;
    if (time.sec < 0) return uint64_t{1};
    if (static_cast<uint64_t>(time.sec) >= never / ns_per_sec || time.sec > most_seconds) return uint64_t{0};
    return static_cast<uint64_t>(time.sec) * ns_per_sec + static_cast<uint64_t>(time.usec) * 1000;
}

/// Linux keeps twice what is asked for, since it counts its own records too.
Result<uint32_t> get_buffer_size(Machine& m, TaskId self, UserPtr<> from, uint32_t least)
{
    const auto wanted = static_cast<uint32_t>(TRY(get_user(m, self, from.as<int>())));
    return std::max(least, 2 * std::min(wanted, most_asked));
}

}  // namespace

Result<> sys_getsockopt(Machine& m, TaskId self, int fd, int level, int option, UserPtr<> value,
                        UserPtr<uint32_t> size)
{
    const FileId file = TRY(socket_at(m, self, fd));
    if (level != sol_socket) return EOPNOTSUPP;
    switch (option) {
        case so_type:
            return put_option(m, self, value, size, kind_of(m, file));
        case so_domain:
            return put_option(m, self, value, size, family_of(m, file));
        case so_sndbuf:
            return put_option(m, self, value, size, m[m[file].inode].send_buffer);
        case so_rcvbuf:
            return put_option(m, self, value, size, m[m[file].inode].receive_buffer);
        case so_rcvtimeo:
        case so_rcvtimeo_new:
            return put_timeout(m, self, value, size, m[m[file].inode].receive_timeout_ns);
        case so_sndtimeo:
        case so_sndtimeo_new:
            return put_timeout(m, self, value, size, m[m[file].inode].send_timeout_ns);
        case so_protocol:
            return put_option(m, self, value, size, family_of(m, file) == af_inet ? ipproto_udp : 0);
        case so_error:
        case so_acceptconn:
        case so_passcred:
        case so_keepalive:
        case so_reuseaddr:
            return put_option(m, self, value, size, 0);
        case so_peercred: {
            const Cred& cred = m[m[self].cred];
            const Ucred own{static_cast<int32_t>(tgid_nr(m, self)), cred.euid, cred.egid};
            return put_option(m, self, value, size, peer_of(m, file) ? own : Ucred{0, ~0u, ~0u});
        }
        default:
            return ENOPROTOOPT;
    }
}

Result<> sys_setsockopt(Machine& m, TaskId self, int fd, int level, int option, UserPtr<> value,
                        uint32_t size)
{
    const FileId file = TRY(socket_at(m, self, fd));
    if (level != sol_socket) return EOPNOTSUPP;
    if (size < sizeof(int)) return EINVAL;
    const InodeId socket = m[file].inode;
    switch (option) {
        case so_sndbuf: {
            const uint32_t bytes = TRY(get_buffer_size(m, self, value, least_send_buffer));
            m.edit(socket).send_buffer = bytes;
            size_queue(m, file);
            return {};
        }
        case so_rcvbuf: {
            const uint32_t bytes = TRY(get_buffer_size(m, self, value, least_receive_buffer));
            m.edit(socket).receive_buffer = bytes;
            return {};
        }
        case so_rcvtimeo:
        case so_rcvtimeo_new: {
            const uint64_t timeout_ns = TRY(get_timeout(m, self, value, size));
            m.edit(socket).receive_timeout_ns = timeout_ns;
            return {};
        }
        case so_sndtimeo:
        case so_sndtimeo_new: {
            const uint64_t timeout_ns = TRY(get_timeout(m, self, value, size));
            m.edit(socket).send_timeout_ns = timeout_ns;
            return {};
        }
        case so_keepalive:  // as Linux has it, these change nothing here
        case so_reuseaddr:
            return {};
        default:
            return ENOPROTOOPT;
    }
}

}  // namespace norn
