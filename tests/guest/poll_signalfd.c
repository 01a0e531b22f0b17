// signalfd(2): blocked signals that are read, and polled for.
#include "show.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static void wait_for(struct pollfd* fd, int timeout)
{
    int n = poll(fd, 1, timeout);
    printf("%d %x\n", n, fd->revents);
}

int main(void)
{
    struct signalfd_siginfo info[2];
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, 0);
    int fd = signalfd(-1, &set, SFD_NONBLOCK);
    SHOW_NUMBER(read(fd, info, sizeof info));
    struct pollfd p = {fd, POLLIN, 0};
    printf("%d\n", poll(&p, 1, 0));
    raise(SIGUSR1);
    raise(SIGUSR1);
    wait_for(&p, 0);
    SHOW_NUMBER(read(fd, info, sizeof info));
    printf("%d from us %d\n", info[0].ssi_signo, info[0].ssi_pid == (unsigned)getpid());
    pid_t child = fork();
    if (child == 0) {
        usleep(50000);
        _exit(3);
    }
    printf("%d\n", poll(&p, 1, -1));
    SHOW_NUMBER(read(fd, info, sizeof info));
    printf("%d child %d status %d\n", info[0].ssi_signo, info[0].ssi_pid == (unsigned)child, info[0].ssi_status);
    wait(0);
    SHOW_NUMBER(read(fd, info, 10));
    SHOW(signalfd(fd, &set, 0) == fd ? 0 : -1);
    SHOW(signalfd(0, &set, 0));
    SHOW(signalfd(-1, &set, 1));
    return 0;
}
