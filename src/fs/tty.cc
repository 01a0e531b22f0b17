// Terminals as open files: reading lines or bytes, writing, and whose terminal it is.
#include "fs/tty.h"

#include <algorithm>
#include <vector>

#include "fs/abi.h"
#include "fs/file.h"
#include "fs/held.h"
#include "fs/pipe.h"
#include "fs/tty_line.h"
#include "kernel/jobctl.h"
#include "kernel/pid.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "kernel/timer.h"
#include "kernel/wait_queue.h"

namespace norn {

namespace {

constexpr uint64_t decisecond_ns = 100'000'000;
constexpr std::size_t write_chunk = 4096;
constexpr int si_kernel_code = 0x80;

SigInfo kernel_signal(int signal)
{
    SigInfo info;
    info.signo = signal;
    info.code = si_kernel_code;
    return info;
}

QueueRef queue_of_tty(TtyId tty)
{
    return queue_of(QueueKind::tty, tty.raw);
}

Sleep sleep_on(const Machine& m, TtyId tty)
{
    Sleep sleep(queue_of_tty(tty));
    sleep.outside_input = m[tty].stream != 0;
    return sleep;
}

/// Who writes to the master of a pseudo-terminal waits for room in the input.
void master_can_write(Machine& m, TtyId tty)
{
    if (m[tty].output) wake_up_all(m, queue_of_tty(tty));
}

/// Takes a byte off the input.
uint8_t pull(Tty& tty)
{
    const uint8_t byte = tty.input[tty.tail % tty_ring];
    tty.line_ends[tty.tail % tty_ring / 64] &= ~(1ull << (tty.tail % 64));
    ++tty.tail;
    return byte;
}

/// The next line or as much of it as `size` takes; an end of file is taken off and not shown.
std::vector<uint8_t> pull_line(Tty& tty, std::size_t size)
{
    std::vector<uint8_t> bytes;
    while (tty.tail != tty.canon_head) {
        const bool ends = line_end_at(tty, tty.tail);
        const bool end_of_file = ends && tty.input[tty.tail % tty_ring] == tty_disabled;
        if (end_of_file) {
            (void)pull(tty);
            break;
        }
        if (bytes.size() == size) break;
        bytes.push_back(pull(tty));
        if (ends) {
            break;
        }
    }
    return bytes;
}

Outcome<> read_line(Machine& m, TaskId self, TtyId tty, IoCursor& to)
{
    Tty changed = m[tty];
    const std::vector<uint8_t> bytes = pull_line(changed, to.left());
    const std::size_t put = to.put(m, self, bytes);
    m.edit(tty) = changed;
    master_can_write(m, tty);
    if (put < bytes.size()) return EFAULT;
    return static_cast<uint64_t>(put);
}

Outcome<> read_bytes(Machine& m, TaskId self, TtyId tty, IoCursor& to, IoKept state, bool nonblocking)
{
    const uint32_t minimum = m[tty].cc[vmin];
    const uint64_t pause_ns = m[tty].cc[vtime] * decisecond_ns;
    const uint32_t size = static_cast<uint32_t>(std::min<uint64_t>(tty_available(m[tty]), to.left()));
    if (size > 0) {
        std::vector<uint8_t> bytes(size);
        Tty& changed = m.edit(tty);
        for (uint8_t& byte : bytes) byte = pull(changed);
        master_can_write(m, tty);
        const std::size_t put = to.put(m, self, bytes);
        state.done += put;
        if (put < size) return state.done > 0 ? Outcome<>(state.done) : Outcome<>(EFAULT);
        state.deadline_ns = pause_ns > 0 ? monotonic_ns(m) + pause_ns : never;  // between bytes
    } else if (!resuming(m, self) && minimum == 0) {
        if (pause_ns == 0) return uint64_t{0};
        state.deadline_ns = monotonic_ns(m) + pause_ns;
    }
    const bool enough = state.done >= std::max<uint64_t>(minimum, 1) || to.left() == 0;
    const bool over = size == 0 && timed_out(m, self);
    if (enough || over || (m[tty].flags & tty_hung_up)) return state.done;
    if (nonblocking) return state.done > 0 ? Outcome<>(state.done) : Outcome<>(EAGAIN);
    if (signal_pending(m, self)) return state.done > 0 ? Outcome<>(state.done) : Outcome<>(ERESTARTSYS);
    return sleep_on(m, tty).keep(state).until(state.deadline_ns);
}

/// How many bytes, at most a chunk, can be shown at once now, whatever output processing makes of them.
uint64_t room_to_show(const Machine& m, TtyId tty)
{
    if (m[tty].flags & tty_stopped) return 0;
    if (!m[tty].output) return write_chunk;
    const uint64_t room = pipe_room(m, m[tty].output);
    return std::min<uint64_t>((m[tty].oflag & oflag_opost) ? room / tab_width : room, write_chunk);
}

bool is_ignored(const Machine& m, TaskId self, int signal)
{
    return (m[self].blocked & sig_bit(signal)) ||
           m[m[self].sighand].action[static_cast<std::size_t>(signal - 1)].handler == 1;
}

void clear_session(Machine& m, TtyId tty)
{
    Tty& left = m.edit(tty);
    const PidId foreground = std::exchange(left.foreground, {});
    const PidId session = std::exchange(left.session, {});
    if (foreground) put_pid(m, foreground);
    if (!session) return;
    for (SignalId member = m[session].session_first; member; member = m[member].session_next)
        m.edit(member).tty = {};
    put_pid(m, session);
}

}  // namespace

TtyId new_tty(Machine& m)
{
    const TtyId id = m.allocate<Tty>();
    Tty& tty = m.edit(id);
    tty.iflag = iflag_icrnl | iflag_ixon | iflag_iutf8;
    tty.oflag = oflag_opost | oflag_onlcr;
    tty.cflag = 0277;  // B38400 CS8 CREAD
    tty.lflag = lflag_isig | lflag_icanon | lflag_echo | lflag_echoe | lflag_echok | lflag_echoctl |
                lflag_echoke | lflag_iexten;
    constexpr std::array<uint8_t, 17> keys = {3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0};
    std::copy(keys.begin(), keys.end(), tty.cc.begin());
    tty.ispeed = tty.ospeed = 38400;
    tty.refs = 1;
    return id;
}

void hold_tty(Machine& m, TtyId tty)
{
    m.edit(tty).refs++;
}

void put_tty(Machine& m, TtyId tty)
{
    if (--m.edit(tty).refs > 0) return;
    clear_session(m, tty);
    if (const PipeId output = m[tty].output) free_pipe(m, output);
    m.free(tty);
}

void tty_release(Machine& m, TtyId tty)
{
    if (m[tty].output && --m.edit(tty).slaves == 0) {
        clear_session(m, tty);
        wake_up_all(m, queue_of_tty(tty));
    }
    put_tty(m, tty);
}

void set_controlling_tty(Machine& m, TaskId self, TtyId tty)
{
    const SignalId signal = m[self].signal;
    clear_session(m, tty);
    const PidId session = m[signal].session, pgrp = m[signal].pgrp;
    hold_pid(m, session);
    hold_pid(m, pgrp);
    m.edit(tty).session = session;
    m.edit(tty).foreground = pgrp;
    m.edit(signal).tty = tty;
}

void tty_opened(Machine& m, TaskId self, TtyId tty, uint32_t open_flags)
{
    const Signal& signal = m[m[self].signal];
    if ((open_flags & o_noctty) || !(signal.flags & signal_leader) || signal.tty || m[tty].session) return;
    set_controlling_tty(m, self, tty);
}

Result<> tty_check_change(Machine& m, TaskId self, TtyId tty, int signal)
{
    const SignalId process = m[self].signal;
    const PidId pgrp = m[process].pgrp;
    if (m[process].tty != tty || !m[tty].foreground || m[tty].foreground == pgrp) return {};
    if (is_ignored(m, self, signal)) return signal == SIGTTIN_ ? Result<>(EIO) : Result<>();
    if (is_orphaned(m, pgrp)) return EIO;
    send_signal_pgrp(m, pgrp, kernel_signal(signal));
    return ERESTARTSYS;
}

Outcome<> tty_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to)
{
    const TtyId tty = m[file].tty;
    const bool first = !resuming(m, self);
    const IoKept state = first ? IoKept{} : kept<IoKept>(m, self);
    if (m[tty].flags & tty_hung_up && tty_available(m[tty]) == 0) return state.done;
    if (first) TRY(tty_check_change(m, self, tty, SIGTTIN_));
    IoCursor cursor(to, state.done);
    if (cursor.left() == 0) return state.done;
    const bool nonblocking = m[file].flags & o_nonblock;
    if (!(m[tty].lflag & lflag_icanon)) return read_bytes(m, self, tty, cursor, state, nonblocking);
    if (tty_available(m[tty]) > 0) return read_line(m, self, tty, cursor);
    if (nonblocking) return EAGAIN;
    if (signal_pending(m, self)) return ERESTARTSYS;
    return sleep_on(m, tty).keep(state);
}

Outcome<> tty_write(Machine& m, TaskId self, FileId file, std::span<const IoVec> from)
{
    const TtyId tty = m[file].tty;
    uint64_t done = resumed_bytes(m, self);
    if (m[tty].flags & tty_hung_up) return done > 0 ? Outcome<>(done) : Outcome<>(EIO);
    if (m[tty].lflag & lflag_tostop) TRY(tty_check_change(m, self, tty, SIGTTOU_));
    IoCursor cursor(from, done);
    while (cursor.left() > 0) {
        const uint64_t room = room_to_show(m, tty);
        if (room == 0) {
            if (m[file].flags & o_nonblock) return done > 0 ? Outcome<>(done) : Outcome<>(EAGAIN);
            if (signal_pending(m, self)) return done > 0 ? Outcome<>(done) : Outcome<>(ERESTARTSYS);
            return sleep_on(m, tty).keep(IoKept{done, FileId{}, 0, never});
        }
        std::array<uint8_t, write_chunk> bytes;
        const std::size_t part = std::min<uint64_t>(cursor.left(), room);
        const std::size_t taken = cursor.take(m, self, std::span(bytes).first(part));
        const std::string shown =
            process_output(m.edit(tty), {reinterpret_cast<const char*>(bytes.data()), taken});
        const Result<> sent = tty_show(m, tty, shown);
        if (!sent.ok()) return done > 0 ? Outcome<>(done) : Outcome<>(sent.error());
        done += taken;
        if (taken < part) return done > 0 ? Outcome<>(done) : Outcome<>(EFAULT);
    }
    return done;
}

Result<> tty_show(Machine& m, TtyId tty, std::string_view processed)
{
    if (const PipeId output = m[tty].output) {
        const auto* bytes = reinterpret_cast<const uint8_t*>(processed.data());
        (void)pipe_push(m, output, {bytes, processed.size()});  // what finds no room is an echo, and lost
        wake_up_all(m, queue_of_tty(tty));
        return {};
    }
    NORN_ASSERT(m[tty].stream > 0 && m.host);
    const Result<> sent =
        m.host->write(static_cast<int>(m[tty].stream) - 1,
                      {reinterpret_cast<const uint8_t*>(processed.data()), processed.size()});
    return sent.ok() ? Result<>() : Result<>(EIO);
}

uint32_t tty_ready(const Machine& m, FileId file)
{
    const Tty& tty = m[m[file].tty];
    const bool canonical = tty.lflag & lflag_icanon;
    const uint32_t wanted = !canonical && tty.cc[vtime] == 0 ? std::max<uint32_t>(tty.cc[vmin], 1) : 1;
    uint32_t ready = 0;
    if (tty_available(tty) >= wanted) ready |= poll_in | poll_rdnorm;
    if (tty.flags & tty_hung_up) return poll_in | poll_rdnorm | poll_out | poll_wrnorm | poll_err | poll_hup;
    if (room_to_show(m, m[file].tty) > 0) ready |= poll_out | poll_wrnorm;
    return ready;
}

void tty_hangup(Machine& m, TtyId tty)
{
    m.edit(tty).flags |= tty_hung_up;
    const PidId session = m[tty].session, foreground = m[tty].foreground;
    if (session && m[session].task) {
        const SignalId leader = m[m[session].task].signal;
        (void)send_signal_group(m, leader, kernel_signal(SIGHUP_));
        (void)send_signal_group(m, leader, kernel_signal(SIGCONT_));
    }
    if (foreground) send_signal_pgrp(m, foreground, kernel_signal(SIGHUP_));
    clear_session(m, tty);
    wake_up_all(m, queue_of_tty(tty));
}

void tty_resize(Machine& m, TtyId tty, uint16_t rows, uint16_t columns)
{
    if (m[tty].rows == rows && m[tty].columns == columns) return;
    Tty& changed = m.edit(tty);
    changed.rows = rows;
    changed.columns = columns;
    if (changed.foreground) send_signal_pgrp(m, changed.foreground, kernel_signal(SIGWINCH_));
}

void tty_session_ended(Machine& m, SignalId leader)
{
    const TtyId tty = m[leader].tty;
    if (!tty) return;
    if (const PidId foreground = m[tty].foreground) send_signal_pgrp(m, foreground, kernel_signal(SIGHUP_));
    clear_session(m, tty);
}

}  // namespace norn
