// LC-154: waiting only for stops of a child that is a zombie is ECHILD.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    siginfo_t info;
    pid_t pid = fork();
    if (pid == 0) _exit(1);
    waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
    int r = waitid(P_PID, pid, &info, WSTOPPED | WNOHANG);
    printf("%d %s\n", r, strerror(errno));
    r = waitid(P_PID, pid, &info, WCONTINUED | WNOHANG);
    printf("%d %s\n", r, strerror(errno));
    return wait(NULL) != pid;
}
