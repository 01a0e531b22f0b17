// SG-115, SG-159: sigsuspend swaps the mask, runs the handler under it, and always ends with EINTR.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void show(const char* where)
{
    sigset_t set;
    sigprocmask(SIG_BLOCK, NULL, &set);
    printf("%s: hup %d usr1 %d usr2 %d\n", where, sigismember(&set, SIGHUP), sigismember(&set, SIGUSR1),
           sigismember(&set, SIGUSR2));
}
static void handler(int s)
{
    show("handler");
}

int main(void)
{
    struct sigaction act = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &act, NULL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGUSR1);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    int r = sigsuspend(&set);
    printf("%d %d\n", r, errno == EINTR);
    show("after");
    return 0;
}
