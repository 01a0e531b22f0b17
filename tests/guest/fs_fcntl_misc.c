// fcntl(2): flags, owners, unknown commands.
#include "show.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

int main(void)
{
    int fd = open("f", O_CREAT | O_RDWR, 0644);
    int pipes[2];
    if (pipe(pipes)) return 1;
    SHOW(fcntl(99, F_GETFD));
    SHOW(fcntl(fd, 9999));
    SHOW_NUMBER(fcntl(fd, F_GETOWN));
    SHOW(fcntl(pipes[0], F_SETOWN, getpid()));
    printf("%d\n", fcntl(pipes[0], F_GETOWN) == getpid());
    SHOW(fcntl(pipes[0], F_SETOWN, -getpgrp()));
    printf("%d\n", fcntl(pipes[0], F_GETOWN) == -getpgrp());
    SHOW(fcntl(pipes[0], F_SETOWN, 0));
    SHOW_NUMBER(fcntl(pipes[0], F_GETOWN));
    SHOW(fcntl(pipes[0], F_SETSIG, SIGUSR1));
    SHOW_NUMBER(fcntl(pipes[0], F_GETSIG));
    SHOW(fcntl(pipes[0], F_SETSIG, 100));
    SHOW(fcntl(fd, F_GETPIPE_SZ));
    SHOW_NUMBER(fcntl(pipes[0], F_GETPIPE_SZ));
    SHOW(fcntl(fd, F_GET_SEALS));
    SHOW_NUMBER(fcntl(fd, F_GETLEASE));
    SHOW(fcntl(fd, F_SETFD, 3));
    SHOW_NUMBER(fcntl(fd, F_GETFD));
    return 0;
}
