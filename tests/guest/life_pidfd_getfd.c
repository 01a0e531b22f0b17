// pidfd_getfd: a descriptor of another process, close-on-exec here (pidfd_getfd(2)). LC-280.
#include "show.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int ends[2], ready[2];
    pipe(ready);
    const pid_t child = fork();
    if (child == 0) {
        pipe(ends);
        dup2(ends[1], 20);
        write(ready[1], "x", 1);
        char byte = 0;
        read(ends[0], &byte, 1);
        printf("child got %c\n", byte);
        fflush(stdout);
        _exit(0);
    }
    char byte;
    read(ready[0], &byte, 1);
    const int pidfd = syscall(SYS_pidfd_open, child, 0);
    SHOW(syscall(SYS_pidfd_getfd, pidfd, 20, 1));
    SHOW(syscall(SYS_pidfd_getfd, pidfd, 99, 0));
    SHOW(syscall(SYS_pidfd_getfd, 0, 20, 0));
    const int fd = syscall(SYS_pidfd_getfd, pidfd, 20, 0);
    SHOW_NUMBER(fcntl(fd, F_GETFD));
    SHOW_NUMBER(write(fd, "q", 1));
    siginfo_t info;
    waitid(P_PID, child, &info, WEXITED | WNOWAIT);
    SHOW(syscall(SYS_pidfd_getfd, pidfd, 20, 0));
    waitpid(child, NULL, 0);
    SHOW(syscall(SYS_pidfd_getfd, pidfd, 20, 0));
}
