// SG-092 to SG-094: several pending signals: which handler runs first.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static int order[16], n;
static void handler(int s)
{
    order[n++] = s;
}

static void run(int full)
{
    struct sigaction act = {.sa_handler = handler};
    const int signals[] = {SIGHUP, SIGUSR1, SIGTERM, SIGSEGV, 34, 40};
    sigset_t all;
    sigfillset(&all);
    if (full) act.sa_mask = all;
    for (int i = 0; i < 6; i++) sigaction(signals[i], &act, NULL);
    sigprocmask(SIG_SETMASK, &all, NULL);
    for (int i = 5; i >= 0; i--) kill(getpid(), signals[i]);
    syscall(SYS_tgkill, getpid(), getpid(), SIGTERM);
    n = 0;
    sigemptyset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    for (int i = 0; i < n; i++) printf("%d ", order[i]);
    printf("\n");
}

int main(void)
{
    run(0);
    run(1);
    return 0;
}
