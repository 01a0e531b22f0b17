#include "host/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>

namespace norn {

namespace {
constexpr std::array<int, 9> forwarded = {SIGINT,  SIGTERM,  SIGHUP,  SIGQUIT, SIGUSR1,
                                          SIGUSR2, SIGWINCH, SIGTSTP, SIGCONT};
std::atomic<int> stop_request{0};  ///< set by a handler, which sees nothing else
}  // namespace

StopRequest::StopRequest()
{
    struct sigaction once = {};
    once.sa_handler = [](int signal) { stop_request = signal; };
    once.sa_flags = static_cast<int>(SA_RESETHAND);
    for (const int signal : {SIGINT, SIGTERM}) {
        struct sigaction present = {};
        if (sigaction(signal, nullptr, &present) == 0 && present.sa_handler == SIG_DFL)
            sigaction(signal, &once, nullptr);
    }
}

int StopRequest::signal()
{
    return stop_request;
}

uint64_t ignored_signals()
{
    uint64_t ignored = 0;
    for (int signal = 1; signal <= 64; ++signal) {
        struct sigaction present = {};
        if (sigaction(signal, nullptr, &present) == 0 && present.sa_handler == SIG_IGN)
            ignored |= 1ull << (signal - 1);
    }
    return ignored;
}

ForwardedSignals::ForwardedSignals()
{
    sigset_t wanted;
    sigemptyset(&wanted);
    for (const int signal : forwarded) sigaddset(&wanted, signal);
    pthread_sigmask(SIG_BLOCK, &wanted, &before_);
    fd_ = UniqueFd(signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
}

ForwardedSignals::~ForwardedSignals()
{
    while (take() != 0) continue;  // what the machine never got must not hit Norn now
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

int ForwardedSignals::take()
{
    signalfd_siginfo info = {};
    if (read(fd_.get(), &info, sizeof info) != sizeof info) return 0;
    return static_cast<int>(info.ssi_signo);
}

}  // namespace norn
