// Pseudo-terminals: a program types into the master and reads from it what the terminal shows.
#include "fs/pty.h"

#include <algorithm>
#include <array>
#include <string>

#include "fs/abi.h"
#include "fs/dentry.h"
#include "fs/file.h"
#include "fs/held.h"
#include "fs/inode.h"
#include "fs/open.h"
#include "fs/pipe.h"
#include "fs/tty_line.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "kernel/wait_queue.h"

namespace norn {

namespace {

constexpr uint32_t most_terminals = 4096;  // /proc/sys/kernel/pty/max
constexpr std::size_t most_read = tty_ring - 1;
constexpr uint32_t pts_mode = 0600;

enum MasterRequest : uint32_t {
    tiocinq = 0x541b,
    tcflsh = 0x540b,
    tiocnotty = 0x5422,
    tiocgptpeer = 0x5441,
    tiocgptn = 0x80045430,
    tiocsptlck = 0x40045431,
    tiocsig = 0x40045436,
    tiocgptlck = 0x80045439,
};

void wake_both_sides(Machine& m, TtyId tty)
{
    wake_up_all(m, queue_of(QueueKind::tty, tty.raw));
}

/// The other side was open and is not any more.
bool is_left(const Tty& tty)
{
    return tty.slaves == 0 && (tty.flags & tty_was_open);
}

Result<DentryId> folder_beside(const Machine& m, FileId file)
{
    const DentryId folder = find_name(m, m[m[file].path.dentry].parent, "pts");
    if (!folder || !m[folder].inode || !is_directory(m, m[folder].inode)) return ENODEV;
    return folder;
}

Result<uint32_t> free_number(const Machine& m, DentryId folder)
{
    for (uint32_t number = m.state.console ? 1 : 0; number < most_terminals; ++number)
        if (!find_name(m, folder, std::to_string(number))) return number;
    return ENOSPC;
}

Outcome<> wait_for_other_side(const Machine& m, TaskId self, FileId file, uint64_t done)
{
    if (m[file].flags & o_nonblock) return done > 0 ? Outcome<>(done) : Outcome<>(EAGAIN);
    if (signal_pending(m, self)) return done > 0 ? Outcome<>(done) : Outcome<>(ERESTARTSYS);
    return Sleep(queue_of(QueueKind::tty, m[file].tty.raw)).keep(IoKept{done, FileId{}, 0, never});
}

Outcome<> open_peer(Machine& m, TaskId self, TtyId tty, uint64_t flags)
{
    const std::string path = "/dev/pts/" + std::to_string(m[tty].number);
    const FileId file = TRY(open_file(m, self, at_fdcwd, path, OpenHow{flags, 0, 0}));
    return TRY(install_fd(m, self, file, 0, flags & o_cloexec));
}

Outcome<> signal_foreground(Machine& m, TtyId tty, uint64_t signal)
{
    if (signal != SIGINT_ && signal != SIGQUIT_ && signal != SIGTSTP_) return EINVAL;
    SigInfo info;
    info.signo = static_cast<int>(signal);
    info.code = 0x80;
    if (const PidId foreground = m[tty].foreground) send_signal_pgrp(m, foreground, info);
    return uint64_t{0};
}

Outcome<> drop_output(Machine& m, TtyId tty, uint64_t which)
{
    enum : uint64_t { input, output, both };
    if (which > both) return EINVAL;
    std::array<uint8_t, tty_ring> dropped;
    while (which != output && pipe_copy_out(m, m[tty].output, dropped, true) > 0) {
    }
    wake_both_sides(m, tty);
    return uint64_t{0};
}

}  // namespace

Result<> ptmx_open(Machine& m, TaskId self, FileId file)
{
    const DentryId folder = TRY(folder_beside(m, file));
    const uint32_t number = TRY(free_number(m, folder));
    const PipeId output = new_pipe(m);
    const TtyId tty = new_tty(m);
    const DentryId node =
        make_node(m, folder, std::to_string(number), s_ifchr | pts_mode, make_dev(pts_major, number));
    hold_dentry(m, node);
    const Cred& cred = m[m[self].cred];
    Inode& inode = m.edit(m[node].inode);
    inode.uid = cred.fsuid;
    inode.gid = cred.fsgid;
    inode.tty = tty;
    Tty& made = m.edit(tty);
    made.iflag &= ~iflag_iutf8;
    made.flags = tty_locked;
    made.rows = made.columns = 0;
    made.output = output;
    made.node = node;
    made.number = number;
    File& opened = m.edit(file);
    opened.kind = FileKind::ptmx;
    opened.tty = tty;
    return {};
}

void ptmx_release(Machine& m, TtyId tty)
{
    const DentryId node = std::exchange(m.edit(tty).node, {});
    const InodeId inode = m[node].inode;
    m.edit(inode).tty = {};
    if (is_hashed(m, node)) {
        drop_link(m, inode);
        remove_name(m, node);
    }
    put_dentry(m, node);
    tty_hangup(m, tty);
    put_tty(m, tty);
}

Outcome<> ptmx_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to)
{
    const TtyId tty = m[file].tty;
    const PipeId output = m[tty].output;
    IoCursor cursor(to);
    if (cursor.left() == 0) return uint64_t{0};
    std::array<uint8_t, most_read> bytes;
    const std::size_t wanted = std::min<uint64_t>(cursor.left(), bytes.size());
    const std::size_t size = pipe_copy_out(m, output, std::span(bytes).first(wanted), true);
    if (size == 0) return is_left(m[tty]) ? Outcome<>(EIO) : wait_for_other_side(m, self, file, 0);
    wake_both_sides(m, tty);
    if (cursor.put(m, self, std::span(bytes).first(size)) < size) return EFAULT;
    return uint64_t{size};
}

Outcome<> ptmx_write(Machine& m, TaskId self, FileId file, std::span<const IoVec> from)
{
    const TtyId tty = m[file].tty;
    uint64_t done = resumed_bytes(m, self);
    IoCursor cursor(from, done);
    while (cursor.left() > 0) {
        std::array<uint8_t, tty_ring> bytes;
        const std::size_t part = std::min<uint64_t>(cursor.left(), room_to_type(m[tty]));
        if (part == 0) return wait_for_other_side(m, self, file, done);
        const std::size_t taken = cursor.take(m, self, std::span(bytes).first(part));
        tty_input(m, tty, std::span(bytes).first(taken));
        done += taken;
        if (taken < part) return done > 0 ? Outcome<>(done) : Outcome<>(EFAULT);
    }
    return done;
}

uint32_t ptmx_ready(const Machine& m, FileId file)
{
    const Tty& tty = m[m[file].tty];
    uint32_t ready = 0;
    if (pipe_bytes(m, tty.output) > 0) ready |= poll_in | poll_rdnorm;
    if (room_to_type(tty) > 0) ready |= poll_out | poll_wrnorm;
    if (is_left(tty)) ready |= poll_hup;
    return ready;
}

Outcome<> ptmx_ioctl(Machine& m, TaskId self, FileId file, uint32_t request, uint64_t argument)
{
    const TtyId tty = m[file].tty;
    const UserPtr<int32_t> number{argument};
    switch (request) {
        case tiocgptn:
            return put_user(m, self, number, static_cast<int32_t>(m[tty].number));
        case tiocgptlck:
            return put_user(m, self, number, (m[tty].flags & tty_locked) ? 1 : 0);
        case tiocsptlck: {
            const int32_t locked = TRY(get_user(m, self, number));
            const uint32_t rest = m[tty].flags & ~tty_locked;
            m.edit(tty).flags = locked != 0 ? rest | tty_locked : rest;
            return uint64_t{0};
        }
        case tiocgptpeer:
            return open_peer(m, self, tty, argument);
        case tiocsig:
            return signal_foreground(m, tty, argument);
        case tiocinq:
            return put_user(m, self, number, static_cast<int32_t>(pipe_bytes(m, m[tty].output)));
        case tcflsh:
            return drop_output(m, tty, argument);
        case tiocnotty:
            return ENOTTY;
        default:
            return tty_ioctl(m, self, file, request, argument);
    }
}

}  // namespace norn
