// Waits for a signal from its child with sigsuspend, but does not block it before it looks: when the signal
// comes in between, nobody ever wakes it.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t told;

static void on_signal(int signo)
{
    (void)signo;
    told = 1;
}

int main(void)
{
    sigset_t none;
    sigemptyset(&none);
    signal(SIGUSR1, on_signal);
    const pid_t parent = getpid(), child = fork();
    if (child == 0) {
        for (volatile int i = 0; i < 5000; i++)
            ;
        kill(parent, SIGUSR1);
        _exit(0);
    }
    while (!told) sigsuspend(&none);
    return waitpid(child, 0, 0) != child;
}
