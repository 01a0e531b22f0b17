// Timeouts that no clock reaches saturate: a signal ends the wait, and what was left is told.
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void ring(int s) { (void)s; }

// Nearly that many seconds: the clocks of two kernels do not show the same.
static void told(const char *what, long got, long left)
{
    static const long marks[] = {LONG_MAX, LONG_MAX / 1000, 85899345953, 9223372036};
    printf("%s %ld %d", what, got, got < 0 ? errno : 0);
    for (int i = 0; left && i < 4; ++i)
        if (left <= marks[i] && left > marks[i] - 1000000000) printf(", left about %ld", marks[i]);
    printf("\n");
}

static void sleeps(long sec)
{
    struct timespec request = {sec, 999999999}, left = {0, 0};
    struct timeval wait = {sec, 999999};
    struct epoll_event event;
    sigset_t set;
    int ep = epoll_create1(0), word = 0;
    long got = nanosleep(&request, &left);
    told("nanosleep", got, left.tv_sec);
    told("absolute", clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &request, 0), 0);
    left = request;
    got = syscall(SYS_ppoll, 0, 0, &left, 0, 8);
    told("ppoll", got, left.tv_sec);
    left = request;
    got = syscall(SYS_pselect6, 0, 0, 0, 0, &left, 0L);
    told("pselect", got, left.tv_sec);
    got = syscall(SYS_select, 0, 0, 0, 0, &wait);
    told("select", got, wait.tv_sec);
    told("epoll_pwait2", syscall(SYS_epoll_pwait2, ep, &event, 1, &request, 0L, 8L), 0);
    told("futex", syscall(SYS_futex, &word, 0, 0, &request), 0);
    told("futex until", syscall(SYS_futex, &word, 9, 0, &request, 0L, -1L), 0);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    told("sigtimedwait", sigtimedwait(&set, 0, &request), 0);
    close(ep);
}

static void carries(long sec, long usec)
{
    struct timeval wait = {sec, usec};
    long got = syscall(SYS_select, 0, 0, 0, 0, &wait);
    printf("select %ld %ld: %ld %d\n", sec, usec, got, got < 0 ? errno : 0);
}

int main(void)
{
    static const long far[] = {9223372035, 9223372036, 85899345953, LONG_MAX / 1000, LONG_MAX};
    struct itimerval often = {{0, 5000}, {0, 5000}};
    struct sigaction action = {.sa_handler = ring};
    sigaction(SIGALRM, &action, 0);
    setitimer(ITIMER_REAL, &often, 0);
    for (int i = 0; i < 5; ++i) {
        printf("%ld\n", far[i]);
        sleeps(far[i]);
    }
    carries(-1, 1000001);
    carries(1, -1000000);
    carries(1, -1);
    carries(0, LONG_MAX);
    carries(LONG_MAX, LONG_MAX);
    carries(LONG_MAX, 1000000);
    carries(LONG_MIN, 0);
    return 0;
}
