// The handler of SIGCHLD reaps one child each time. Two that end together send one signal, and then the
// program waits for ever.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { children = 3 };
static volatile sig_atomic_t reaped;

static void on_child(int signo)
{
    (void)signo;
    if (waitpid(-1, 0, WNOHANG) > 0) reaped = reaped + 1;
}

int main(void)
{
    sigset_t child, before;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    signal(SIGCHLD, on_child);
    for (int i = 0; i < children; i++)
        if (fork() == 0) {
            for (volatile int n = 0; n < 3000 * (i + 1); n++)
                ;
            _exit(0);
        }
    sigprocmask(SIG_BLOCK, &child, &before);
    while (reaped < children) sigsuspend(&before);
    return 0;
}
