// LC-138, SG-076: deaths while SIGCHLD is blocked give one signal that tells of the first.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    pid_t pid[3];
    for (int i = 0; i < 3; i++) {
        pid[i] = fork();
        if (pid[i] == 0) _exit(i);
        siginfo_t info;
        waitid(P_PID, pid[i], &info, WEXITED | WNOWAIT);
    }
    while (wait(NULL) > 0) {
    }
    siginfo_t info;
    struct timespec none = {0, 0};
    int first = sigtimedwait(&set, &info, &none);
    printf("first %d of child %d\n", first, info.si_pid == pid[0]);
    int second = sigtimedwait(&set, &info, &none);
    printf("second %d %d\n", second, errno == EAGAIN);
    return 0;
}
