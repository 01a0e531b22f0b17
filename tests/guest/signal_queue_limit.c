// SG-043 to SG-045, SG-047: what is lost and what fails over RLIMIT_SIGPENDING.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static void show(const char* what, long r)
{
    int error = errno;
    printf("%s: %s\n", what, r < 0 ? strerror(error) : "ok");
}

int main(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_SIGPENDING, &none);
    sigset_t set;
    sigfillset(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    show("kill rt", kill(getpid(), 40));
    show("sigqueue rt", sigqueue(getpid(), 41, (union sigval){.sival_int = 1}));
    show("tgkill rt", syscall(SYS_tgkill, getpid(), getpid(), 42));
    show("kill", kill(getpid(), SIGUSR1));
    show("tgkill", syscall(SYS_tgkill, getpid(), getpid(), SIGHUP));
    show("sigqueue", sigqueue(getpid(), SIGUSR2, (union sigval){.sival_int = 7}));
    struct timespec now = {0, 0};
    siginfo_t info;
    int s;
    while ((s = sigtimedwait(&set, &info, &now)) > 0)
        printf("%d: code %d pid %d value %d\n", s, info.si_code, info.si_pid == getpid(),
               info.si_value.sival_int);
    return 0;
}
