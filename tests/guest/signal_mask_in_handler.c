// SG-099, SG-100, SG-101: the mask in a handler, SA_NODEFER, SA_RESETHAND.
#include <signal.h>
#include <stdio.h>
#include <string.h>

static unsigned long mask(void)
{
    sigset_t set;
    sigprocmask(SIG_BLOCK, NULL, &set);
    return *(unsigned long*)&set;
}
static void handler(int s)
{
    printf("in handler of %d: %lx\n", s, mask());
}

int main(void)
{
    struct sigaction act = {.sa_handler = handler}, now;
    sigaddset(&act.sa_mask, SIGHUP);
    sigaddset(&act.sa_mask, SIGKILL);
    sigaction(SIGUSR1, &act, NULL);
    raise(SIGUSR1);
    printf("after: %lx\n", mask());
    act.sa_flags = SA_NODEFER;
    sigaction(SIGUSR1, &act, NULL);
    raise(SIGUSR1);
    act.sa_flags = SA_RESETHAND;
    sigaction(SIGUSR1, &act, NULL);
    raise(SIGUSR1);
    sigaction(SIGUSR1, NULL, &now);
    printf("reset: %d, flags kept: %d\n", now.sa_handler == SIG_DFL, now.sa_flags == (int)SA_RESETHAND);
    sigset_t full;
    sigfillset(&full);
    sigprocmask(SIG_SETMASK, &full, NULL);
    printf("all but KILL and STOP: %d\n", !(mask() & (1ul << 8 | 1ul << 18)));
    return 0;
}
