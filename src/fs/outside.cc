// Standard input, output and error of the outside.
#include "fs/outside.h"

#include <algorithm>
#include <array>

#include "fs/abi.h"
#include "fs/dentry.h"
#include "fs/inode.h"
#include "fs/ops.h"
#include "fs/tty.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "kernel/wait_queue.h"
#include "mm/frame.h"
#include "mm/radix.h"

namespace norn {

namespace {

constexpr uint32_t pipefs_minor = 14;
constexpr std::size_t write_chunk = 65'536;
constexpr QueueRef input_queue{QueueKind::outside, {}, 0};

StreamKind kind_of(const OutsideStream& stream)
{
    return static_cast<StreamKind>(stream.kind);
}

bool is_file(const OutsideStream& stream)
{
    return kind_of(stream) == StreamKind::file;
}

OutsideStream& stream_of(Machine& m, FileId file)
{
    return m.state.outside[m[file].special];
}

const OutsideStream& stream_of(const Machine& m, FileId file)
{
    return m.state.outside[m[file].special];
}

uint32_t open_flags_of(const StreamSetup& setup, uint32_t number)
{
    constexpr uint32_t kept = o_accmode | o_append | o_largefile;
    const uint32_t as_numbered = number == 0 ? o_rdonly : o_wronly;
    if (setup.open_flags == StreamSetup::as_numbered) return as_numbered | o_largefile;
    // The outside's own position of a file that is input is ahead of ours: what is written would go there.
    if (setup.kind == StreamKind::file && number == 0) return setup.open_flags & kept & ~uint32_t{o_accmode};
    return setup.open_flags & kept;
}

InodeId make_inode(Machine& m, const StreamSetup& setup, uint64_t stream)
{
    const uint32_t mode = setup.kind == StreamKind::file ? s_ifreg | 0644 : s_ififo | 0600;
    const InodeId inode = new_inode(m, FsKind::pipefs, InodeKind::outside, mode, make_dev(0, pipefs_minor));
    m.edit(inode).special = stream;
    m.edit(inode).size = setup.kind == StreamKind::file ? setup.size : 0;
    return inode;
}

void make_console(Machine& m, const StreamSetup& setup, uint32_t stream)
{
    if (m.state.console) return;
    const TtyId tty = new_tty(m);
    m.state.console = tty;
    Tty& console = m.edit(tty);
    console.stream = stream + 1;
    console.rows = setup.rows;
    console.columns = setup.columns;
}

/// A place in /dev, held.
Path place_in_dev(Machine& m, std::string_view directory, std::string_view name)
{
    MountId mount = m.state.first_mount;
    while (m[mount].fs != FsKind::devtmpfs) mount = m[mount].next;
    DentryId at = m[mount].root;
    if (!directory.empty()) at = find_name(m, at, directory);
    at = find_name(m, at, name);
    hold_dentry(m, at);
    return {mount, at};
}

/// A stream that is a device here as well.
FileId open_device(Machine& m, const OutsideStream& stream)
{
    const bool terminal = kind_of(stream) == StreamKind::terminal;
    const auto flags = static_cast<uint32_t>(stream.open_flags);
    const Path place = terminal ? place_in_dev(m, "pts", "0") : place_in_dev(m, "", "null");
    const InodeId inode = m[place.dentry].inode;
    hold_inode(m, inode);
    const FileId file = new_file(m, terminal ? FileKind::tty : FileKind::device, inode, place, flags);
    if (!terminal) return file;
    hold_tty(m, m.state.console);
    m.edit(file).tty = m.state.console;
    return file;
}

FileId open_stream(Machine& m, uint32_t number)
{
    const OutsideStream& stream = m.state.outside[number];
    if (!stream.inode) return open_device(m, stream);
    hold_inode(m, stream.inode);
    const auto flags = static_cast<uint32_t>(stream.open_flags);
    const FileId file = new_file(m, FileKind::outside, stream.inode, Path{}, flags);
    m.edit(file).special = number;
    m.edit(file).pos = stream.consumed;
    return file;
}

/// Streams that are the same outside, and open in the same way, are one open file description, as a shell
/// makes them; but not input and output that are no device, since each is its own record here.
bool shares_description(const Machine& m, uint32_t number)
{
    const OutsideStream& stream = m.state.outside[number];
    return stream.same_as < number && (stream.same_as > 0 || !stream.inode) &&
           stream.open_flags == m.state.outside[stream.same_as].open_flags;
}

Result<> store_input(Machine& m, std::span<const uint8_t> bytes)
{
    const InodeId inode = m.state.outside[0].inode;
    while (!bytes.empty()) {
        const uint64_t at = m.state.outside[0].arrived;
        const uint64_t number = at / page_size, offset = at % page_size;
        PageId page{tree_get(m, m[inode].pages, number)};
        if (!page) {
            page = TRY(new_page(m));
            hold_page(m, page);
            NodeId root = m[inode].pages;
            tree_set(m, root, NodeKind::file_pages, number, page.raw);
            m.edit(inode).pages = root;
        }
        const std::size_t part = std::min<uint64_t>(bytes.size(), page_size - offset);
        std::copy_n(bytes.begin(), part, grant_write(m, page) + offset);
        bytes = bytes.subspan(part);
        m.state.outside[0].arrived += part;
    }
    return {};
}

/// Gives back the pages that nobody can read any more.
void forget_input(Machine& m, uint64_t from, uint64_t to)
{
    if (from / page_size == to / page_size) return;
    const InodeId inode = m.state.outside[0].inode;
    NodeId root = m[inode].pages;
    tree_clear_range(m, root, from / page_size, to / page_size - 1);
    m.edit(inode).pages = root;
}

/// Copies what has arrived from `at` on.
Result<uint64_t> copy_input(Machine& m, TaskId self, uint64_t at, IoCursor& to)
{
    const InodeId inode = m.state.outside[0].inode;
    uint64_t done = 0;
    while (to.left() > 0 && at + done < m.state.outside[0].arrived) {
        const uint64_t place = at + done, offset = place % page_size;
        const PageId page{tree_get(m, m[inode].pages, place / page_size)};
        if (!page) return EIO;  // of a file, before where it stood when the machine began
        const std::size_t part =
            std::min({page_size - offset, m.state.outside[0].arrived - place, to.left()});
        std::array<uint8_t, page_size> bytes;
        std::copy_n(page_bytes(m, page) + offset, part, bytes.begin());
        const std::size_t put = to.put(m, self, std::span(bytes).first(part));
        done += put;
        if (put < part) return done > 0 ? Result<uint64_t>(done) : Result<uint64_t>(EFAULT);
    }
    return done;
}

SigInfo signal_from_outside(int signal)
{
    SigInfo info;
    info.signo = signal;
    return info;
}

/// What a keyboard sends goes to the foreground, everything else to PROGRAM.
void signal_arrives(Machine& m, int signal)
{
    if (!m.state.program || m.state.program_ended) return;
    const SignalId process = m[m.state.program].signal;
    const bool keyboard = signal == SIGINT_ || signal == SIGQUIT_ || signal == SIGTSTP_ || signal == SIGCONT_;
    if (!keyboard) {
        (void)send_signal_group(m, process, signal_from_outside(signal));
        return;
    }
    const TtyId console = m.state.console;
    const PidId foreground = console ? m[console].foreground : PidId{};
    send_signal_pgrp(m, foreground ? foreground : m[process].pgrp, signal_from_outside(signal));
}

void input_arrives(Machine& m, const Arrival& arrival)
{
    if (arrival.typed || kind_of(m.state.outside[0]) == StreamKind::terminal) {
        if (m.state.console) tty_input(m, m.state.console, arrival.bytes);
        return;
    }
    if (!m.state.outside[0].inode) return;
    if (!store_input(m, arrival.bytes).ok()) m.state.outside[0].state = outside_failed;
    wake_up_all(m, input_queue);
}

void input_ends(Machine& m)
{
    if (kind_of(m.state.outside[0]) == StreamKind::terminal) return tty_hangup(m, m.state.console);
    m.state.outside[0].state = outside_ended;
    wake_up_all(m, input_queue);
}

}  // namespace

void outside_setup(Machine& m, const std::array<StreamSetup, 3>& streams)
{
    for (uint32_t number = 0; number < streams.size(); ++number) {
        const StreamSetup& setup = streams[number];
        OutsideStream& stream = m.state.outside[number];
        stream.kind = static_cast<uint8_t>(setup.kind);
        stream.open_flags = open_flags_of(setup, number);
        stream.same_as = setup.same_as;
        stream.arrived = stream.consumed = setup.kind == StreamKind::file ? setup.offset : 0;
        if (setup.kind == StreamKind::terminal) make_console(m, setup, number);
        if (setup.kind == StreamKind::pipe || setup.kind == StreamKind::file)
            m.state.outside[number].inode = make_inode(m, setup, number);
    }
}

Result<> outside_give(Machine& m, TaskId program)
{
    std::array<FileId, 3> files;
    for (uint32_t number = 0; number < files.size(); ++number) {
        if (kind_of(m.state.outside[number]) == StreamKind::closed) continue;
        if (shares_description(m, number)) {
            files[number] = files[m.state.outside[number].same_as];
            hold_file(m, files[number]);
        } else {
            files[number] = open_stream(m, number);
        }
        const Cred cred = m[m[program].cred];
        Inode& inode = m.edit(m[files[number]].inode);
        if (inode.kind == InodeKind::outside || m[files[number]].kind == FileKind::tty) {
            inode.uid = cred.uid;
            inode.gid = cred.gid;
        }
        TRY(install_fd(m, program, files[number], number, false));
    }
    if (m.state.console) tty_opened(m, program, m.state.console, o_rdwr);
    return {};
}

bool outside_reads_anywhere(const Machine& m, FileId file)
{
    return m[file].kind == FileKind::outside && m[file].special == 0 && is_file(stream_of(m, file));
}

Outcome<> outside_read_at(Machine& m, TaskId self, FileId file, std::span<const IoVec> to, uint64_t at)
{
    IoCursor cursor(to);
    const OutsideStream& stream = m.state.outside[0];
    const bool whole = is_file(stream);
    const uint64_t wanted = whole ? cursor.left() : 1;
    const uint64_t enough = wanted > ~at ? ~uint64_t{0} : at + wanted;
    if (stream.arrived < enough && stream.state == outside_open) {
        if (!whole && (m[file].flags & o_nonblock)) return EAGAIN;
        if (signal_pending(m, self)) return ERESTARTSYS;
        Sleep sleep(input_queue);
        sleep.outside_input = true;
        return sleep;
    }
    if (stream.state == outside_failed && stream.arrived <= at) return EIO;
    return TRY(copy_input(m, self, at, cursor));
}

Outcome<> outside_read(Machine& m, TaskId self, FileId file, std::span<const IoVec> to)
{
    if (m[file].special != 0 || IoCursor(to).left() == 0) return uint64_t{0};
    const bool seekable = is_file(m.state.outside[0]);
    const uint64_t at = seekable ? m[file].pos : m.state.outside[0].consumed;
    const uint64_t done = TRY(outside_read_at(m, self, file, to, at));
    if (seekable)
        m.edit(file).pos = at + done;
    else
        forget_input(m, at, at + done);
    m.state.outside[0].consumed = at + done;
    return done;
}

Outcome<> outside_write(Machine& m, TaskId self, FileId file, std::span<const IoVec> from)
{
    const auto number = static_cast<int>(m[file].special);
    IoCursor cursor(from);
    uint64_t done = 0;
    std::vector<uint8_t> bytes;
    while (cursor.left() > 0) {
        bytes.resize(std::min<uint64_t>(cursor.left(), write_chunk));
        const std::size_t wanted = bytes.size();
        bytes.resize(cursor.take(m, self, bytes));
        NORN_ASSERT(m.host);
        const Result<> sent = m.host->write(number, bytes);
        if (sent.error() == EPIPE) {
            stream_of(m, file).state = outside_ended;
            (void)send_signal_task(m, self, signal_from_outside(SIGPIPE_));
        }
        if (!sent.ok()) return done > 0 ? Outcome<>(done) : Outcome<>(sent.error());
        done += bytes.size();
        stream_of(m, file).consumed += bytes.size();
        if (bytes.size() < wanted) return done > 0 ? Outcome<>(done) : Outcome<>(EFAULT);
    }
    const OutsideStream& stream = stream_of(m, file);
    if (is_file(stream) && stream.consumed > m[stream.inode].size)
        m.edit(stream.inode).size = stream.consumed;
    return done;
}

uint32_t outside_ready(const Machine& m, FileId file)
{
    const OutsideStream& stream = stream_of(m, file);
    if (m[file].special != 0)
        return poll_out | poll_wrnorm | (stream.state == outside_ended ? uint32_t{poll_err} : 0);
    if (is_file(stream)) return poll_in | poll_out | poll_rdnorm | poll_wrnorm;
    uint32_t ready = 0;
    if (outside_available(m, file) > 0) ready |= poll_in | poll_rdnorm;
    if (stream.state != outside_open) ready |= poll_hup;
    return ready;
}

uint64_t outside_available(const Machine& m, FileId file)
{
    if (m[file].special != 0) return 0;
    const OutsideStream& stream = m.state.outside[0];
    const uint64_t at = is_file(stream) ? m[file].pos : stream.consumed;
    const uint64_t end = is_file(stream) ? m[stream.inode].size : stream.arrived;
    return end - std::min(at, end);
}

// The outside's own position of an output moves with what is written and with nothing else.
Result<uint64_t> outside_seek(Machine& m, FileId file, int64_t offset, int whence)
{
    enum : int { from_start, from_here, from_end };
    const OutsideStream& stream = stream_of(m, file);
    if (!is_file(stream)) return ESPIPE;
    const bool input = m[file].special == 0;
    const auto size = static_cast<int64_t>(m[stream.inode].size);
    const auto here = static_cast<int64_t>(input ? m[file].pos : stream.consumed);
    if (whence < from_start || whence > from_end) return EINVAL;
    const int64_t target = offset + (whence == from_start ? 0 : whence == from_here ? here : size);
    if (target < 0) return EINVAL;
    if (!input && target != here) return ESPIPE;
    if (input) {
        m.edit(file).pos = static_cast<uint64_t>(target);
        m.state.outside[0].consumed = static_cast<uint64_t>(target);
    }
    return static_cast<uint64_t>(target);
}

void outside_arrive(Machine& m, const Arrival& arrival)
{
    switch (arrival.kind) {
        case Arrival::Kind::input:
            return input_arrives(m, arrival);
        case Arrival::Kind::end_of_input:
            return input_ends(m);
        case Arrival::Kind::signal:
            return signal_arrives(m, arrival.signal);
        case Arrival::Kind::window_size:
            if (m.state.console) tty_resize(m, m.state.console, arrival.rows, arrival.columns);
            return;
    }
}

bool outside_wanted(const Machine& m)
{
    const TtyId console = m.state.console;
    return m.state.outside_wait.first || (console && m[console].wait.first);
}

bool outside_wants_keys(const Machine& m)
{
    const TtyId console = m.state.console;
    return console && m[console].wait.first && kind_of(m.state.outside[0]) != StreamKind::terminal;
}

bool outside_may_signal(const Machine& m)
{
    const TtyId console = m.state.console;
    return console && !(m[console].flags & tty_hung_up);
}

uint64_t outside_input_offset(const Machine& m)
{
    return m.state.outside[0].consumed;
}

}  // namespace norn
