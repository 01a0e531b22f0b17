// SG-039, SG-040, SG-041: standard signals merge, real-time signals queue in order.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static void handler(int s, siginfo_t* info, void* context)
{
    printf("%d code %d value %d\n", s, info->si_code, info->si_value.sival_int);
}

int main(void)
{
    struct sigaction act = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigset_t set;
    sigfillset(&set);
    act.sa_mask = set;
    sigaction(SIGUSR1, &act, NULL);
    sigaction(SIGRTMIN, &act, NULL);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int i = 1; i <= 3; i++) {
        sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = i});
        sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i});
    }
    syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    return 0;
}
