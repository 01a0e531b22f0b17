// LC-159, SG-153: a handler ends wait with EINTR, or with SA_RESTART does not.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t got;
static void on_alarm(int s)
{
    got++;
}

int main(void)
{
    for (int restart = 0; restart < 2; restart++) {
        struct sigaction act = {.sa_handler = on_alarm, .sa_flags = restart ? SA_RESTART : 0};
        sigaction(SIGUSR1, &act, NULL);
        got = 0;
        pid_t pid = fork();
        if (pid == 0) {
            usleep(20000);
            kill(getppid(), SIGUSR1);
            usleep(20000);
            _exit(9);
        }
        int status = 0;
        int r = waitpid(pid, &status, 0);
        printf("restart %d: %s %s signals %d\n", restart, r == pid ? "child" : "error",
               r < 0 && errno == EINTR ? "EINTR" : "", got);
        if (r < 0) waitpid(pid, &status, 0);
    }
    return 0;
}
