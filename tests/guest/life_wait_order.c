// LC-153: any-child waits give the oldest child first, not the first to die.
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t child[3];
    int go[3][2];
    for (int i = 0; i < 3; i++) {
        pipe(go[i]);
        child[i] = fork();
        if (child[i] == 0) {
            char c;
            for (int j = 0; j <= i; j++) close(go[j][1]);
            read(go[i][0], &c, 1);
            _exit(i);
        }
    }
    siginfo_t info;
    for (int i = 2; i >= 0; i--) {
        close(go[i][1]);
        waitid(P_PID, child[i], &info, WEXITED | WNOWAIT);
    }
    for (int i = 0; i < 3; i++) {
        int status;
        pid_t got = wait(&status);
        for (int j = 0; j < 3; j++)
            if (got == child[j]) printf("child %d code %d\n", j, WEXITSTATUS(status));
    }
    return 0;
}
