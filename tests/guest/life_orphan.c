// LC-165, LC-168: an orphan goes to the nearest sub-reaper, which can wait for it.
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    int fd[2];
    pipe(fd);
    pid_t me = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        pid_t middle = getpid();
        if (fork() == 0) {
            while (getppid() == middle) usleep(1000);
            char answer = getppid() == me ? 'y' : 'n';
            write(fd[1], &answer, 1);
            _exit(6);
        }
        _exit(0);
    }
    int status;
    waitpid(pid, &status, 0);
    char answer;
    read(fd[0], &answer, 1);
    printf("adopted by the sub-reaper: %c\n", answer);
    printf("orphan reaped: %d", wait(&status) > 0);
    printf(" code %d\n", WEXITSTATUS(status));
    printf("nobody left: %d\n", wait(&status));
    return 0;
}
