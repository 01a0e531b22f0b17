// Devices by number (null(4), full(4), random(4), tty(4)), what /dev has at the start, and the switch
// between what the tree calls special: devices, terminals and the outside's streams.
#include <algorithm>
#include <array>
#include <vector>

#include "fs/abi.h"
#include "fs/file.h"
#include "fs/ops.h"
#include "fs/outside.h"
#include "fs/pty.h"
#include "fs/tty.h"
#include "kernel/sched.h"
#include "kernel/task.h"

namespace norn {

namespace {

constexpr uint64_t null_dev = make_dev(1, 3), zero_dev = make_dev(1, 5), full_dev = make_dev(1, 7),
                   random_dev = make_dev(1, 8), urandom_dev = make_dev(1, 9), tty_dev = make_dev(5, 0),
                   console_dev = make_dev(5, 1), ptmx_dev = make_dev(5, 2),
                   first_pts_dev = make_dev(pts_major, 0);

struct DeviceNode {
    std::string_view name;
    uint32_t permissions;
    uint64_t rdev;
};
constexpr std::array<DeviceNode, 7> nodes = {{
    {"null", 0666, null_dev},
    {"zero", 0666, zero_dev},
    {"full", 0666, full_dev},
    {"random", 0666, random_dev},
    {"urandom", 0666, urandom_dev},
    {"tty", 0666, tty_dev},
    {"ptmx", 0666, ptmx_dev},
}};

struct DeviceLink {
    std::string_view name, target;
};
constexpr std::array<DeviceLink, 4> links = {{
    {"fd", "/proc/self/fd"},
    {"stdin", "/proc/self/fd/0"},
    {"stdout", "/proc/self/fd/1"},
    {"stderr", "/proc/self/fd/2"},
}};

constexpr std::size_t chunk = 4096;

Outcome<> read_zeros(Machine& m, TaskId self, std::span<const IoVec> to)
{
    static constexpr std::array<uint8_t, chunk> zeros{};
    IoCursor cursor(to);
    uint64_t done = 0;
    while (cursor.left() > 0) {
        const std::size_t part = std::min<uint64_t>(cursor.left(), chunk);
        const std::size_t put = cursor.put(m, self, std::span(zeros).first(part));
        done += put;
        if (put < part) break;
    }
    if (done == 0 && cursor.left() > 0) return EFAULT;
    return done;
}

// One choice a read, drawn out to as many bytes as are wanted.
Outcome<> read_random(Machine& m, TaskId self, std::span<const IoVec> to)
{
    IoCursor cursor(to);
    if (cursor.left() == 0) return uint64_t{0};
    const uint64_t seed = choose(m, self, ChoiceKind::random_bytes, 0);
    Choice word{ChoiceKind::random_bytes, m[self].lineage, 0, 0};
    uint64_t done = 0;
    while (cursor.left() > 0) {
        std::array<uint8_t, chunk> bytes;
        const std::size_t part = std::min<uint64_t>(cursor.left(), chunk);
        for (std::size_t at = 0; at < part; at += sizeof(uint64_t), ++word.ordinal) {
            const uint64_t value = random_for(seed, word);
            std::memcpy(bytes.data() + at, &value, sizeof value);
        }
        const std::size_t put = cursor.put(m, self, std::span(bytes).first(part));
        done += put;
        if (put < part) break;
    }
    if (done == 0) return EFAULT;
    return done;
}

Result<> open_tty(Machine& m, TaskId self, FileId file, TtyId tty, uint32_t open_flags)
{
    if ((m[tty].flags & tty_exclusive) && !capable(m, self, cap_sys_admin)) return EBUSY;
    hold_tty(m, tty);
    File& opened = m.edit(file);
    opened.kind = FileKind::tty;
    opened.tty = tty;
    if (m[tty].output) {
        m.edit(tty).slaves++;
        m.edit(tty).flags |= tty_was_open;
    }
    tty_opened(m, self, tty, open_flags);
    return {};
}

Result<> open_by_number(Machine& m, TaskId self, FileId file, uint64_t rdev, uint32_t open_flags)
{
    switch (rdev) {
        case null_dev:
        case zero_dev:
        case full_dev:
        case random_dev:
        case urandom_dev:
            m.edit(file).kind = FileKind::device;
            return {};
        case tty_dev: {
            const TtyId controlling = m[m[self].signal].tty;
            if (!controlling) return ENXIO;
            return open_tty(m, self, file, controlling, o_noctty);
        }
        case console_dev:
            if (!m.state.console) return ENODEV;
            return open_tty(m, self, file, m.state.console, o_noctty);
        case ptmx_dev:
            return ptmx_open(m, self, file);
        case first_pts_dev:
            if (!m.state.console) return EIO;
            return open_tty(m, self, file, m.state.console, open_flags);
        default:
            return ENXIO;
    }
}

}  // namespace

void populate_dev(Machine& m, DentryId dev)
{
    for (const DeviceNode& node : nodes) make_node(m, dev, node.name, s_ifchr | node.permissions, node.rdev);
    for (const DeviceLink& link : links) make_link(m, dev, link.name, link.target);
    const DentryId pts = make_directory(m, dev, "pts", 0755);
    if (!m.state.console) return;
    make_node(m, dev, "console", s_ifchr | 0600, console_dev);
    make_node(m, pts, "0", s_ifchr | 0620, first_pts_dev);
}

uint64_t tty_rdev(const Machine& m, TtyId tty)
{
    if (!tty) return 0;
    return make_dev(pts_major, m[tty].number);
}

Result<> device_open(Machine& m, TaskId self, FileId file, uint32_t open_flags)
{
    const Inode& inode = m[m[file].inode];
    if (inode.kind == InodeKind::outside) {
        const uint64_t stream = inode.special;
        m.edit(file).kind = FileKind::outside;
        m.edit(file).special = stream;
        return {};
    }
    if (type_of(inode.mode) != s_ifchr) return ENXIO;
    if (const TtyId tty = inode.tty) {
        if (m[tty].flags & tty_locked) return EIO;
        return open_tty(m, self, file, tty, open_flags);
    }
    return open_by_number(m, self, file, inode.rdev, open_flags);
}

Outcome<> device_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to)
{
    switch (m[m[file].inode].rdev) {
        case zero_dev:
        case full_dev:
            return read_zeros(m, self, to);
        case random_dev:
        case urandom_dev:
            return read_random(m, self, to);
        default:
            return uint64_t{0};
    }
}

Outcome<> device_write(Machine& m, TaskId /*self*/, FileId file, std::span<const IoVec> from)
{
    const uint64_t size = IoCursor(from).left();
    if (m[m[file].inode].rdev == full_dev && size > 0) return ENOSPC;
    return size;
}

uint32_t special_ready(const Machine& m, FileId file)
{
    switch (m[file].kind) {
        case FileKind::tty:
            return tty_ready(m, file);
        case FileKind::ptmx:
            return ptmx_ready(m, file);
        case FileKind::outside:
            return outside_ready(m, file);
        default:
            return poll_in | poll_out | poll_rdnorm | poll_wrnorm;
    }
}

void special_queues(const Machine& m, FileId file, PollQueues& queues)
{
    const File& opened = m[file];
    if (opened.kind == FileKind::tty || opened.kind == FileKind::ptmx) {
        queues.add(queue_of(QueueKind::tty, opened.tty.raw));
        queues.outside_input |= m[opened.tty].stream != 0;
    }
    if (opened.kind == FileKind::outside && opened.special == 0) {
        queues.add(queue_of(QueueKind::outside, 0));
        queues.outside_input = true;
    }
}

Outcome<> special_ioctl(Machine& m, TaskId self, FileId file, uint32_t request, uint64_t argument)
{
    constexpr uint32_t fionread = 0x541b;
    if (m[file].kind == FileKind::tty) return tty_ioctl(m, self, file, request, argument);
    if (m[file].kind == FileKind::ptmx) return ptmx_ioctl(m, self, file, request, argument);
    if (m[file].kind != FileKind::outside || request != fionread) return ENOTTY;
    const auto available = static_cast<int32_t>(std::min<uint64_t>(outside_available(m, file), INT32_MAX));
    TRY(put_user(m, self, UserPtr<int32_t>{argument}, available));
    return uint64_t{0};
}

void special_release(Machine& m, FileId file)
{
    if (m[file].kind == FileKind::tty) tty_release(m, m[file].tty);
    if (m[file].kind == FileKind::ptmx) ptmx_release(m, m[file].tty);
}

Result<> special_mmap(const Machine& m, FileId file)
{
    if (m[file].kind == FileKind::device && m[m[file].inode].rdev == zero_dev) return {};
    return ENODEV;
}

}  // namespace norn
