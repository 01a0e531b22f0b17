// LC-139, SG-106: with SIGCHLD ignored children vanish; wait lasts until all are gone, then ECHILD.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int fd[2];
    pipe(fd);
    pid_t before = fork();
    if (before == 0) _exit(4);
    siginfo_t info;
    waitid(P_PID, before, &info, WEXITED | WNOWAIT);
    signal(SIGCHLD, SIG_IGN);
    if (fork() == 0) {
        usleep(20000);
        write(fd[1], "x", 1);
        _exit(0);
    }
    int status;
    pid_t got = waitpid(before, &status, 0);
    printf("zombie of before: %d code %d\n", got == before, WEXITSTATUS(status));
    int r = wait(&status);
    printf("wait: %d %s\n", r, strerror(errno));
    char c = 0;
    read(fd[0], &c, 1);
    printf("child wrote %c before\n", c);
    return 0;
}
