// poll(2), ppoll(2), select(2) that sleep: woken by a writer, by the end, by a signal, by time.
#include "show.h"

#include <poll.h>
#include <signal.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(int signo)
{
    printf("signal %d\n", signo);
}

static void wait_for(struct pollfd* fd, int timeout)
{
    int n = poll(fd, 1, timeout);
    printf("%d %x\n", n, fd->revents);
}

int main(void)
{
    setvbuf(stdout, 0, _IOLBF, 0);
    char byte;
    int p[2];
    if (pipe(p)) return 1;
    if (fork() == 0) {
        close(p[0]);
        usleep(100000);
        if (write(p[1], "x", 1) != 1) _exit(1);
        usleep(100000);
        _exit(0);
    }
    close(p[1]);
    struct pollfd fd = {p[0], POLLIN, 0};
    wait_for(&fd, -1);
    SHOW_NUMBER(read(p[0], &byte, 1));
    wait_for(&fd, -1);
    wait(0);
    if (pipe(p)) return 1;
    struct sigaction act = {.sa_handler = handler};
    sigaction(SIGALRM, &act, 0);
    fd.fd = p[0];
    alarm(1);
    SHOW_NUMBER(poll(&fd, 1, -1));
    alarm(1);
    fd_set set;
    FD_ZERO(&set);
    FD_SET(p[0], &set);
    SHOW_NUMBER(select(p[0] + 1, &set, 0, 0, 0));
    SHOW_NUMBER(poll(&fd, 1, 50));
    sigset_t block, old;
    sigemptyset(&block);
    sigaddset(&block, SIGALRM);
    sigprocmask(SIG_BLOCK, &block, &old);
    raise(SIGALRM);
    puts("still blocked");
    struct timespec second = {1, 0};
    SHOW_NUMBER(ppoll(&fd, 1, &second, &old));
    sigprocmask(SIG_BLOCK, 0, &block);
    printf("blocked again %d\n", sigismember(&block, SIGALRM));
    SHOW_NUMBER(ppoll(&fd, 1, &(struct timespec){0, 1000000000}, &old));
    SHOW_NUMBER(pselect(0, 0, 0, 0, &(struct timespec){0, 1000}, &old));
    return 0;
}
