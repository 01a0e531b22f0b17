// An epoll that watches one end of a pair for the time after the other end is gone.
#include "show.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int s[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, s)) return 1;
    int ep = epoll_create1(0);
    struct epoll_event event = {EPOLLIN | EPOLLOUT, {.u64 = 42}}, got = {0};
    SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, s[0], &event));
    if (fork() == 0) {
        close(s[0]);
        _exit(write(s[1], "x", 1) != 1);
    }
    close(s[1]);
    wait(0);
    for (int i = 0; i < 200; ++i) getppid();
    SHOW_NUMBER(epoll_wait(ep, &got, 1, 0));
    printf("%x\n", got.events);
    char text[8];
    SHOW_NUMBER(read(s[0], text, sizeof text));
    SHOW_NUMBER(read(s[0], text, sizeof text));
    SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, s[0], 0));
    return 0;
}
