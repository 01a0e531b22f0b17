// LC-192: a child that has called exec is out of reach of its parent's setpgid.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char** argv)
{
    if (argc > 1) {
        char c;
        read(atoi(argv[1]), &c, 1);
        return 0;
    }
    int done[2], hold[2];
    pipe(done);
    pipe(hold);
    fcntl(done[1], F_SETFD, FD_CLOEXEC);
    fcntl(hold[1], F_SETFD, FD_CLOEXEC);
    pid_t pid = fork();
    if (pid == 0) {
        char number[12];
        snprintf(number, sizeof number, "%d", hold[0]);
        execl(argv[0], argv[0], number, NULL);
        _exit(1);
    }
    close(done[1]);
    char c;
    read(done[0], &c, 1);
    int r = setpgid(pid, pid);
    printf("%d %s\n", r, strerror(errno));
    close(hold[1]);
    waitpid(pid, NULL, 0);
    return 0;
}
