// epoll_wait(2) that sleeps: woken, timed out, interrupted.
#include "show.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(int signo)
{
    printf("signal %d\n", signo);
}

int main(void)
{
    setvbuf(stdout, 0, _IOLBF, 0);
    int p[2];
    if (pipe(p)) return 1;
    int ep = epoll_create1(0);
    struct epoll_event event = {EPOLLIN, {.u64 = 42}}, got = {0};
    epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &event);
    SHOW_NUMBER(epoll_wait(ep, &got, 1, 20));
    struct sigaction act = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &act, 0);
    alarm(1);
    SHOW_NUMBER(epoll_wait(ep, &got, 1, -1));
    if (fork() == 0) {
        usleep(100000);
        if (write(p[1], "x", 1) != 1) _exit(1);
        _exit(0);
    }
    SHOW_NUMBER(epoll_wait(ep, &got, 1, -1));
    printf("%d %x\n", (int)got.data.u64, got.events);
    wait(0);
    sigset_t mask;
    sigemptyset(&mask);
    SHOW_NUMBER(epoll_pwait(ep, &got, 1, -1, &mask));
    SHOW_NUMBER(epoll_wait(ep, (void*)8, 1, -1));
    return 0;
}
