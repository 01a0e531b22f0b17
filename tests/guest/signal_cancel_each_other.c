// SG-179, SG-180, LC-213: SIGCONT and stop signals take each other out of the pending sets.
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void show(const char* what)
{
    sigset_t set;
    sigpending(&set);
    printf("%s: cont %d tstp %d ttin %d\n", what, sigismember(&set, SIGCONT), sigismember(&set, SIGTSTP),
           sigismember(&set, SIGTTIN));
}
static void handler(int s) {}

int main(void)
{
    sigset_t set;
    sigfillset(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGCONT, handler);
    kill(getpid(), SIGTSTP);
    kill(getpid(), SIGTTIN);
    show("stops");
    kill(getpid(), SIGCONT);
    show("then CONT");
    kill(getpid(), SIGTSTP);
    show("then TSTP");
    return 0;
}
