#include "host/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace norn {

namespace {
/// The thread that runs guest code has signals blocked.
void end_without_reader()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    raise(SIGPIPE);
}
}  // namespace

void keep_standard_descriptors()
{
    for (int fd = 0; fd < 3; ++fd)
        if (fcntl(fd, F_GETFD) < 0) (void)open("/dev/null", O_RDWR);
}

void write_text(std::FILE* to, std::string_view text)
{
    if (std::fwrite(text.data(), 1, text.size(), to) != text.size() && errno == EPIPE && to == stdout)
        end_without_reader();
}

void write_now(std::FILE* to, std::string_view text)
{
    write_text(to, text);
    if (std::fflush(to) != 0 && errno == EPIPE && to == stdout) end_without_reader();
}

bool output_lost()
{
    const bool flushed = std::fflush(stdout) == 0;
    if (!flushed && errno == EPIPE) end_without_reader();
    return !flushed || std::ferror(stdout) != 0;
}

}  // namespace norn
