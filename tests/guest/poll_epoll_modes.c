// epoll(7): level, edge, one shot; closing takes a file out; epolls in epolls.
#include "show.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

static int ep;

static void look(const char* what)
{
    struct epoll_event got[4];
    int n = epoll_wait(ep, got, 4, 0);
    printf("%s: %d", what, n);
    for (int i = 0; i < n; ++i) printf(" %d:%x", (int)got[i].data.u32, got[i].events);
    puts("");
}

static void watch(int op, int fd, unsigned events)
{
    struct epoll_event event = {events, {.u32 = events & EPOLLET ? 2 : 1}};
    if (epoll_ctl(ep, op, fd, &event)) printf("epoll_ctl: %s\n", outcome(-1));
}

int main(void)
{
    char bytes[16];
    int p[2];
    if (pipe2(p, O_NONBLOCK)) return 1;
    ep = epoll_create1(0);
    watch(EPOLL_CTL_ADD, p[0], EPOLLIN);
    look("empty");
    SHOW_NUMBER(write(p[1], "abc", 3));
    look("level");
    look("level again");
    watch(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET);
    look("edge");
    look("edge again");
    SHOW_NUMBER(write(p[1], "d", 1));
    look("edge after a write");
    SHOW_NUMBER(read(p[0], bytes, 1));
    look("edge after a read");
    watch(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT);
    look("one shot");
    look("one shot again");
    watch(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT);
    look("armed again");
    watch(EPOLL_CTL_MOD, p[0], 0);
    look("no events");
    close(p[1]);
    look("hang-up without interest");
    watch(EPOLL_CTL_MOD, p[0], EPOLLIN);
    int inner = ep;
    ep = epoll_create1(0);
    watch(EPOLL_CTL_ADD, inner, EPOLLIN);
    look("outer");
    close(p[0]);
    look("outer, pipe closed");
    ep = inner;
    look("inner, pipe closed");
    return 0;
}
