#include "host/streams.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "host/clock.h"
#include "norn/sleep.h"

namespace norn {

namespace {

constexpr std::size_t input_chunk = 64ull << 10;
constexpr std::size_t most_arrived = 64;  ///< then typing waits in the terminal
constexpr uint8_t escape_key = 0x1d;      ///< Ctrl-]
constexpr int escapes_to_end = 3;
constexpr int patience_ms = 2000;  ///< between being asked to end and being ended

StreamKind kind_of(const struct stat& about, int fd)
{
    if (S_ISREG(about.st_mode)) return StreamKind::file;
    if (S_ISCHR(about.st_mode)) {
        if (isatty(fd)) return StreamKind::terminal;
        struct stat null = {};
        if (stat("/dev/null", &null) == 0 && null.st_rdev == about.st_rdev) return StreamKind::null;
    }
    return StreamKind::pipe;  // sockets as well: bytes come and go
}

StreamSetup look_at(int fd)
{
    StreamSetup setup;
    struct stat about = {};
    if (fstat(fd, &about) != 0) {
        setup.kind = StreamKind::closed;
        return setup;
    }
    setup.kind = kind_of(about, fd);
    setup.open_flags = static_cast<uint32_t>(fcntl(fd, F_GETFL));
    if (setup.kind == StreamKind::file) {
        setup.offset = static_cast<uint64_t>(lseek(fd, 0, SEEK_CUR));
        setup.size = static_cast<uint64_t>(about.st_size);
    }
    if (setup.kind == StreamKind::terminal) {
        const TerminalSize size = terminal_size(fd);
        setup.rows = size.rows;
        setup.columns = size.columns;
    }
    for (int lower = 0; lower < fd; ++lower) {
        struct stat other = {};
        if (setup.same_as == 255 && fstat(lower, &other) == 0 && other.st_dev == about.st_dev &&
            other.st_ino == about.st_ino)
            setup.same_as = static_cast<uint8_t>(lower);
    }
    return setup;
}

std::array<StreamSetup, 3> look_at_all()
{
    std::array<StreamSetup, 3> setup;
    for (int fd = 0; fd < 3; ++fd) setup[static_cast<std::size_t>(fd)] = look_at(fd);
    // No descriptor of Norn's own may come to lie where a stream was closed.
    for (const StreamSetup& stream : setup)
        if (stream.kind == StreamKind::closed) (void)open("/dev/null", O_RDWR);
    return setup;
}

}  // namespace

StandardStreams::StandardStreams(bool terminal)
    : setup_(look_at_all()), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    // A reader that is gone and a file that may not grow (ulimit -f) are errors of the guest's or the run's.
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    for (int fd = 0; fd < 3; ++fd) {
        StreamSetup& stream = setup_[static_cast<std::size_t>(fd)];
        if (stream.kind != StreamKind::terminal) continue;
        if (!terminal) stream.kind = StreamKind::pipe;
        if (terminal && terminal_fd_ < 0) terminal_fd_ = fd;
    }
    const bool has_input = setup_[0].kind != StreamKind::null && setup_[0].kind != StreamKind::closed;
    if (has_input) input_fd_ = 0;
    input_is_terminal_ = setup_[0].kind == StreamKind::terminal;
    if (terminal_fd_ >= 0) modes_ = std::make_unique<TerminalModes>(terminal_fd_, input_is_terminal_);
    listener_ = std::thread([this] { listen(); });
}

StandardStreams::~StandardStreams()
{
    done_ = true;
    poke();
    listener_.join();
}

Result<void> StandardStreams::write(int stream, std::span<const uint8_t> bytes)
{
    while (!bytes.empty()) {
        const ssize_t size = ::write(stream, bytes.data(), bytes.size());
        if (size >= 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(size));
            continue;
        }
        const auto error = static_cast<Errno>(errno);
        if (error == Errno::EINTR) continue;
        if (error != Errno::EAGAIN) return error;
        pollfd room = {stream, POLLOUT, 0};
        poll(&room, 1, -1);
    }
    return {};
}

std::optional<Arrival> StandardStreams::arrival(bool input_wanted, uint64_t wait_ns)
{
    if (suspend_asked_.exchange(false)) stop_and_go_on();
    if (!ready_ && !input_wanted && wait_ns == 0) return {};
    std::unique_lock guard(lock_);
    if (input_wanted && !wanted_ && arrived_.empty()) {
        wanted_ = true;
        poke();
    }
    const auto over = [this] { return !arrived_.empty() || ending_; };
    if (wait_ns == never) {
        const auto can_come = [this] { return (input_fd_ >= 0 && !input_ended_) || keys_fd_ >= 0; };
        something_.wait(guard, [&] { return over() || !can_come(); });
    } else if (wait_ns > 0) {
        something_.wait_for(guard, std::chrono::nanoseconds(wait_ns), over);
    }
    if (arrived_.empty()) return {};
    Arrival first = std::move(arrived_.front());
    arrived_.pop_front();
    ready_ = !arrived_.empty();
    if (arrived_.size() + 1 == most_arrived) poke();
    return first;
}

void StandardStreams::want_keys()
{
    if (keys_fd_ >= 0 || terminal_fd_ < 0 || input_is_terminal_ || keys_ended_) return;
    if ((fcntl(terminal_fd_, F_GETFL) & O_ACCMODE) == O_WRONLY) return;
    modes_->take_keys();
    keys_fd_ = terminal_fd_;
    poke();
}

uint64_t StandardStreams::wall_ns()
{
    return wall_clock_ns();
}

bool StandardStreams::asked_to_end()
{
    return ending_;
}

void StandardStreams::suspend()
{
    suspend_asked_ = true;
}

void StandardStreams::stop_and_go_on()
{
    if (modes_) modes_->leave();
    raise(SIGSTOP);
    if (!modes_) return;
    modes_->enter();
    const TerminalSize size = modes_->size();
    give({.kind = Arrival::Kind::window_size, .rows = size.rows, .columns = size.columns, .bytes = {}});
}

void StandardStreams::leave_input_at(uint64_t offset)
{
    if (setup_[0].kind == StreamKind::file) lseek(0, static_cast<off_t>(offset), SEEK_SET);
}

// ---- The listener -------------------------------------------------------------------------------------

void StandardStreams::poke()
{
    const uint64_t one = 1;
    (void)!::write(wake_.get(), &one, sizeof one);
}

void StandardStreams::give(Arrival arrival)
{
    const std::lock_guard guard(lock_);
    arrived_.push_back(std::move(arrival));
    ready_ = true;
    something_.notify_one();
}

bool StandardStreams::reads_now()
{
    const std::lock_guard guard(lock_);
    return input_fd_ >= 0 && !input_ended_ && arrived_.size() < most_arrived &&
           (wanted_ || input_is_terminal_);
}

void StandardStreams::listen()
{
    while (!done_) {
        std::array<pollfd, 4> watched = {pollfd{wake_.get(), POLLIN, 0}, pollfd{signals_.fd(), POLLIN, 0},
                                         pollfd{reads_now() ? input_fd_ : -1, POLLIN, 0},
                                         pollfd{keys_fd_, POLLIN, 0}};
        const int ready = poll(watched.data(), watched.size(), ending_ ? patience_ms : -1);
        if (ready == 0 && !done_) {
            // The machine does not come to a boundary; what is kept of the run is lost, the terminal is not.
            constexpr std::string_view last_words = "norn: ended by Ctrl-]\n";
            if (modes_) modes_->leave();
            (void)!::write(2, last_words.data(), last_words.size());
            _exit(125);
        }
        if (watched[0].revents != 0) {
            uint64_t count = 0;
            (void)!read(wake_.get(), &count, sizeof count);
        }
        if (watched[1].revents != 0) take_signals();
        if (watched[2].revents != 0) take_input(input_fd_);
        if (watched[3].revents != 0) take_keys(keys_fd_);
    }
}

void StandardStreams::take_signals()
{
    while (const int signal = signals_.take()) {
        if (signal == SIGCONT && modes_) modes_->enter();
        if (signal == SIGWINCH) {
            if (!modes_) continue;
            const TerminalSize size = modes_->size();
            give({.kind = Arrival::Kind::window_size,
                  .rows = size.rows,
                  .columns = size.columns,
                  .bytes = {}});
            continue;
        }
        give({.kind = Arrival::Kind::signal, .signal = signal, .bytes = {}});
    }
}

void StandardStreams::take_input(int fd)
{
    std::vector<uint8_t> bytes(input_chunk);
    const ssize_t size = read(fd, bytes.data(), bytes.size());
    const Errno error = size < 0 ? static_cast<Errno>(errno) : Errno::none;
    if (error == Errno::EAGAIN || error == Errno::EINTR) return;
    {
        const std::lock_guard guard(lock_);
        wanted_ = false;
        input_ended_ = size <= 0;
    }
    if (size <= 0) return give({.kind = Arrival::Kind::end_of_input, .bytes = {}});
    bytes.resize(static_cast<std::size_t>(size));
    if (input_is_terminal_) watch_for_escape(bytes);
    give({.kind = Arrival::Kind::input, .bytes = std::move(bytes)});
}

void StandardStreams::take_keys(int fd)
{
    std::vector<uint8_t> bytes(input_chunk);
    const ssize_t size = read(fd, bytes.data(), bytes.size());
    const Errno error = size < 0 ? static_cast<Errno>(errno) : Errno::none;
    if (error == Errno::EAGAIN || error == Errno::EINTR) return;
    if (size <= 0) {  // the terminal has gone; a signal tells of it
        const std::lock_guard guard(lock_);
        keys_ended_ = true;
        keys_fd_ = -1;
        something_.notify_one();
        return;
    }
    bytes.resize(static_cast<std::size_t>(size));
    watch_for_escape(bytes);
    give({.kind = Arrival::Kind::input, .typed = true, .bytes = std::move(bytes)});
}

void StandardStreams::watch_for_escape(std::span<const uint8_t> bytes)
{
    for (const uint8_t byte : bytes) escapes_ = byte == escape_key ? escapes_ + 1 : 0;
    if (escapes_ < escapes_to_end) return;
    const std::lock_guard guard(lock_);
    ending_ = true;
    something_.notify_one();
}

}  // namespace norn
