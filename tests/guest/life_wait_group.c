// LC-145: wait for a group counts the group a child is in now; 0 means the caller's.
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int status;
    pid_t a = fork();
    if (a == 0) _exit(1);
    pid_t b = fork();
    if (b == 0) {
        setpgid(0, 0);
        _exit(2);
    }
    siginfo_t info;
    waitid(P_PID, b, &info, WEXITED | WNOWAIT);
    printf("group of b: %d code %d\n", waitpid(-b, &status, 0) == b, WEXITSTATUS(status));
    printf("own group: %d code %d\n", waitpid(0, &status, 0) == a, WEXITSTATUS(status));
    printf("then: %d %d\n", waitpid(0, &status, 0), errno == ECHILD);
    return 0;
}
