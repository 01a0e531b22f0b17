// SG-117, SG-118, SG-119, SG-160: sigtimedwait: lowest first, timeouts, EINTR, wins over the handler.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t ran;
static void handler(int s)
{
    ran++;
}

static void wait_for(const char* what, const sigset_t* set, long ns)
{
    struct timespec t = {0, ns};
    int r = sigtimedwait(set, NULL, &t);
    int error = errno;
    printf("%s: %d %s handlers %d\n", what, r, r < 0 ? strerror(error) : "", ran);
}

int main(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    struct sigaction act = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(SIGHUP, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    raise(SIGUSR2);
    raise(SIGUSR1);
    wait_for("lowest", &set, 0);
    wait_for("next", &set, 0);
    wait_for("none", &set, 0);
    wait_for("timeout", &set, 1000000);
    wait_for("negative", &set, -1);
    for (int unblocked = 0; unblocked < 2; unblocked++) {
        if (fork() == 0) {
            usleep(20000);
            kill(getppid(), unblocked ? SIGTERM : SIGHUP);
            _exit(0);
        }
        if (unblocked) sigaddset(&set, SIGTERM);
        wait_for(unblocked ? "unblocked but waited for" : "interrupted", &set, 900000000);
        wait(NULL);
    }
    return 0;
}
