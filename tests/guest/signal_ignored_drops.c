// SG-036, SG-037, SG-038: ignored signals are dropped when sent, unless blocked; ignoring drops pending ones.
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static int pending(int s)
{
    sigset_t set;
    sigpending(&set);
    return sigismember(&set, s);
}

int main(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    signal(SIGHUP, SIG_IGN);
    raise(SIGHUP);
    printf("not blocked: %d\n", pending(SIGHUP));
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGHUP);
    raise(SIGCHLD);
    printf("blocked: %d, SIGCHLD by default: %d\n", pending(SIGHUP), pending(SIGCHLD));
    signal(SIGHUP, SIG_IGN);
    printf("ignored again: %d\n", pending(SIGHUP));
    signal(SIGHUP, SIG_DFL);
    raise(SIGHUP);
    signal(SIGHUP, SIG_DFL);
    printf("default kills, so it stays: %d\n", pending(SIGHUP));
    signal(SIGHUP, SIG_IGN);
    printf("ignored: %d\n", pending(SIGHUP));
    return 0;
}
