// LC-169: a zombie that is re-parented tells its new parent at once.
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t pid = fork();
    if (pid == 0) {
        pid_t dead = fork();
        if (dead == 0) _exit(8);
        siginfo_t info;
        waitid(P_PID, dead, &info, WEXITED | WNOWAIT);
        _exit(1);
    }
    int status, sum = 0;
    for (int i = 0; i < 2; i++) {
        wait(&status);
        sum += WEXITSTATUS(status);
    }
    printf("both: %d\n", sum);
    return 0;
}
