// ioctl(2) requests of terminals (tty_ioctl(4)).
#include <algorithm>

#include "fs/abi.h"
#include "fs/file.h"
#include "fs/tty_line.h"
#include "kernel/pid.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "kernel/wait_queue.h"

namespace norn {

namespace {

enum TtyRequest : uint32_t {
    tcgets = 0x5401,
    tcsets = 0x5402,
    tcsetsw = 0x5403,
    tcsetsf = 0x5404,
    tcsbrk = 0x5409,
    tcxonc = 0x540a,
    tcflsh = 0x540b,
    tiocexcl = 0x540c,
    tiocnxcl = 0x540d,
    tiocsctty = 0x540e,
    tiocgpgrp = 0x540f,
    tiocspgrp = 0x5410,
    tiocoutq = 0x5411,
    tiocsti = 0x5412,
    tiocgwinsz = 0x5413,
    tiocswinsz = 0x5414,
    tiocinq = 0x541b,
    tiocnotty = 0x5422,
    tiocgetd = 0x5424,
    tcsbrkp = 0x5425,
    tiocgsid = 0x5429,
    tcgets2 = 0x802c542a,
    tcsets2 = 0x402c542b,
    tcsetsw2 = 0x402c542c,
    tcsetsf2 = 0x402c542d,
    tiocgdev = 0x80045432,
};

constexpr uint32_t baud_mask = 0010017;

template <class T>
Outcome<> give(Machine& m, TaskId self, uint64_t to, const T& value)
{
    TRY(put_user(m, self, UserPtr<T>{to}, value));
    return uint64_t{0};
}

Termios termios_of(const Tty& tty)
{
    Termios modes;
    modes.iflag = tty.iflag;
    modes.oflag = tty.oflag;
    modes.cflag = tty.cflag;
    modes.lflag = tty.lflag;
    std::copy_n(tty.cc.begin(), modes.cc.size(), modes.cc.begin());
    return modes;
}

/// Baud rates by their code in c_cflag (termios(3)).
uint32_t baud_rate(uint32_t cflag)
{
    constexpr std::array<uint32_t, 16> low = {0,   50,   75,   110,  134,  150,  200,   300,
                                              600, 1200, 1800, 2400, 4800, 9600, 19200, 38400};
    constexpr std::array<uint32_t, 16> high = {0,       57600,   115200,  230400,  460800,  500000,
                                               576000,  921600,  1000000, 1152000, 1500000, 2000000,
                                               2500000, 3000000, 3500000, 4000000};
    const uint32_t code = cflag & baud_mask;
    return code < low.size() ? low[code] : high[code & 0xf];
}

/// Lines that were typed before canonical mode went off are bytes after it, and the other way round.
void set_modes(Tty& tty, const Termios& modes, bool flush)
{
    if (flush) flush_input(tty);
    const bool was_canonical = tty.lflag & lflag_icanon;
    tty.iflag = modes.iflag;
    tty.oflag = modes.oflag;
    tty.cflag = modes.cflag;
    tty.lflag = modes.lflag;
    std::copy(modes.cc.begin(), modes.cc.end(), tty.cc.begin());
    tty.ispeed = tty.ospeed = baud_rate(modes.cflag);
    const bool is_canonical = tty.lflag & lflag_icanon;
    if (was_canonical == is_canonical) return;
    tty.line_ends.fill(0);
    tty.canon_head = is_canonical && tty.head != tty.tail ? tty.head : tty.tail;
    if (is_canonical && tty.head != tty.tail)
        tty.line_ends[(tty.head - 1) % tty_ring / 64] |= 1ull << ((tty.head - 1) % 64);
    tty.flags &= ~(tty_literal | tty_erasing);
}

Outcome<> change_modes(Machine& m, TaskId self, TtyId tty, const Termios& modes, bool flush)
{
    TRY(tty_check_change(m, self, tty, SIGTTOU_));
    set_modes(m.edit(tty), modes, flush);
    wake_up_all(m, queue_of(QueueKind::tty, tty.raw));
    return uint64_t{0};
}

bool is_controlling(const Machine& m, TaskId self, TtyId tty)
{
    return m[m[self].signal].tty == tty;
}

Outcome<> set_foreground(Machine& m, TaskId self, TtyId tty, UserPtr<int32_t> from)
{
    const Result<> allowed = tty_check_change(m, self, tty, SIGTTOU_);
    if (!allowed.ok()) return allowed.error() == EIO ? ENOTTY : allowed.error();
    const PidId session = m[m[self].signal].session;
    if (!is_controlling(m, self, tty) || m[tty].session != session) return ENOTTY;
    const int32_t number = TRY(get_user(m, self, from));
    if (number < 0) return EINVAL;
    const PidId pgrp = find_pid(m, static_cast<uint32_t>(number));
    if (!pgrp || !m[pgrp].group_first) return ESRCH;
    if (m[m[pgrp].group_first].session != session) return EPERM;
    hold_pid(m, pgrp);
    const PidId before = std::exchange(m.edit(tty).foreground, pgrp);
    if (before) put_pid(m, before);
    return uint64_t{0};
}

Outcome<> steal_or_take(Machine& m, TaskId self, FileId file, uint64_t argument)
{
    const TtyId tty = m[file].tty;
    const Signal& process = m[m[self].signal];
    const bool leader = process.flags & signal_leader;
    if (leader && m[tty].session == process.session) return uint64_t{0};
    if (!leader || process.tty) return EPERM;
    if (m[tty].session && (argument != 1 || !capable(m, self, cap_sys_admin))) return EPERM;
    if ((m[file].flags & o_accmode) == o_wronly && !capable(m, self, cap_sys_admin)) return EPERM;
    set_controlling_tty(m, self, tty);
    return uint64_t{0};
}

Outcome<> give_up_terminal(Machine& m, TaskId self, TtyId tty)
{
    if (!is_controlling(m, self, tty)) return ENOTTY;
    const SignalId process = m[self].signal;
    if (!(m[process].flags & signal_leader)) {
        m.edit(process).tty = {};
        return uint64_t{0};
    }
    const PidId foreground = m[tty].foreground;
    tty_session_ended(m, process);
    if (foreground && m[foreground].group_first) {
        SigInfo info;
        info.signo = SIGCONT_;
        info.code = 0x80;
        send_signal_pgrp(m, foreground, info);
    }
    return uint64_t{0};
}

Outcome<> flow(Machine& m, TtyId tty, uint64_t action)
{
    enum : uint64_t { output_off, output_on, input_off, input_on };
    if (action > input_on) return EINVAL;
    if (action == output_off) m.edit(tty).flags |= tty_stopped;
    if (action == output_on) m.edit(tty).flags &= ~tty_stopped;
    wake_up_all(m, queue_of(QueueKind::tty, tty.raw));
    return uint64_t{0};
}

Outcome<> flush(Machine& m, TtyId tty, uint64_t which)
{
    enum : uint64_t { input, output, both };
    if (which > both) return EINVAL;
    if (which != output) flush_input(m.edit(tty));
    return uint64_t{0};
}

Outcome<> set_size(Machine& m, TaskId self, TtyId tty, UserPtr<WindowSize> from)
{
    const WindowSize size = TRY(get_user(m, self, from));
    m.edit(tty).xpixel = size.xpixel;
    m.edit(tty).ypixel = size.ypixel;
    tty_resize(m, tty, size.rows, size.columns);
    return uint64_t{0};
}

Outcome<> type_for_user(Machine& m, TaskId self, TtyId tty, UserPtr<uint8_t> from)
{
    if (!is_controlling(m, self, tty) && !capable(m, self, cap_sys_admin)) return EPERM;
    const uint8_t byte = TRY(get_user(m, self, from));
    tty_input(m, tty, {&byte, 1});
    return uint64_t{0};
}

/// Requests that change modes: TCSETS and its kin.
Outcome<> mode_request(Machine& m, TaskId self, TtyId tty, uint32_t request, uint64_t argument)
{
    const bool flush_first = request == tcsetsf || request == tcsetsf2;
    if (request == tcsets || request == tcsetsw || request == tcsetsf) {
        const Termios modes = TRY(get_user(m, self, UserPtr<Termios>{argument}));
        return change_modes(m, self, tty, modes, flush_first);
    }
    const Termios2 modes = TRY(get_user(m, self, UserPtr<Termios2>{argument}));
    return change_modes(m, self, tty, modes.base, flush_first);
}

/// Requests about whose terminal it is.
Outcome<> session_request(Machine& m, TaskId self, FileId file, uint32_t request, uint64_t argument)
{
    const TtyId tty = m[file].tty;
    switch (request) {
        case tiocsctty:
            return steal_or_take(m, self, file, argument);
        case tiocnotty:
            return give_up_terminal(m, self, tty);
        case tiocspgrp:
            return set_foreground(m, self, tty, {argument});
        case tiocgpgrp: {
            if (!is_controlling(m, self, tty) && m[file].kind != FileKind::ptmx) return ENOTTY;
            const PidId pgrp = m[tty].foreground;
            return give(m, self, argument, static_cast<int32_t>(pgrp ? m[pgrp].number : 0));
        }
        default: {
            if (!is_controlling(m, self, tty) && m[file].kind != FileKind::ptmx) return ENOTTY;
            if (!m[tty].session) return ENOTTY;
            return give(m, self, argument, static_cast<int32_t>(m[m[tty].session].number));
        }
    }
}

}  // namespace

Outcome<> tty_ioctl(Machine& m, TaskId self, FileId file, uint32_t request, uint64_t argument)
{
    const TtyId tty = m[file].tty;
    if (m[tty].flags & tty_hung_up) return request == tiocspgrp ? ENOTTY : EIO;
    const Tty& now = m[tty];
    switch (request) {
        case tcgets:
            return give(m, self, argument, termios_of(now));
        case tcgets2:
            return give(m, self, argument, Termios2{termios_of(now), now.ispeed, now.ospeed});
        case tcsets:
        case tcsetsw:
        case tcsetsf:
        case tcsets2:
        case tcsetsw2:
        case tcsetsf2:
            return mode_request(m, self, tty, request, argument);
        case tiocsctty:
        case tiocnotty:
        case tiocspgrp:
        case tiocgpgrp:
        case tiocgsid:
            return session_request(m, self, file, request, argument);
        case tiocgwinsz:
            return give(m, self, argument, WindowSize{now.rows, now.columns, now.xpixel, now.ypixel});
        case tiocswinsz:
            return set_size(m, self, tty, {argument});
        case tiocinq:
            return give(m, self, argument, static_cast<int32_t>(tty_available(now)));
        case tiocoutq:
        case tiocgetd:  // N_TTY
            return give(m, self, argument, int32_t{0});
        case tiocgdev:
            return give(m, self, argument, static_cast<uint32_t>(tty_rdev(m, tty)));
        case tiocsti:
            return type_for_user(m, self, tty, {argument});
        case tcflsh:
            TRY(tty_check_change(m, self, tty, SIGTTOU_));
            return flush(m, tty, argument);
        case tcxonc:
            TRY(tty_check_change(m, self, tty, SIGTTOU_));
            return flow(m, tty, argument);
        case tcsbrk:
        case tcsbrkp:
            TRY(tty_check_change(m, self, tty, SIGTTOU_));
            return uint64_t{0};
        case tiocexcl:
            m.edit(tty).flags |= tty_exclusive;
            return uint64_t{0};
        case tiocnxcl:
            m.edit(tty).flags &= ~tty_exclusive;
            return uint64_t{0};
        default:
            return ENOTTY;
    }
}

}  // namespace norn
