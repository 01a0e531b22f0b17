// epoll_ctl(2): refusals.
#include "show.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

int main(void)
{
    int p[2];
    if (pipe(p)) return 1;
    int ep = epoll_create1(EPOLL_CLOEXEC), f = open("f", O_CREAT | O_RDWR, 0644);
    struct epoll_event in = {EPOLLIN, {.u64 = 7}};
    SHOW(epoll_create(0));
    SHOW(epoll_create1(1));
    SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &in));
    SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &in));
    SHOW(epoll_ctl(ep, EPOLL_CTL_MOD, p[1], &in));
    SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, p[1], 0));
    SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, f, &in));
    SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &in));
    SHOW(epoll_ctl(p[0], EPOLL_CTL_ADD, p[1], &in));
    SHOW(epoll_ctl(99, EPOLL_CTL_ADD, p[1], &in));
    SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, 99, &in));
    SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, p[1], (void*)8));
    SHOW(epoll_ctl(ep, 9, p[1], &in));
    SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], 0));
    struct epoll_event exclusive = {EPOLLIN | EPOLLEXCLUSIVE, {.u64 = 1}};
    SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &exclusive));
    SHOW(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &in));
    int other = epoll_create1(0), third = epoll_create1(0);
    SHOW(epoll_ctl(other, EPOLL_CTL_ADD, ep, &in));
    SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, other, &in));
    SHOW(epoll_ctl(third, EPOLL_CTL_ADD, other, &in));
    SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, third, &in));
    struct epoll_event got;
    SHOW_NUMBER(epoll_wait(ep, &got, 0, 0));
    SHOW_NUMBER(epoll_wait(p[0], &got, 1, 0));
    SHOW_NUMBER(epoll_wait(99, &got, 1, 0));
    SHOW_NUMBER(epoll_wait(ep, &got, 1, 0));
    return 0;
}
