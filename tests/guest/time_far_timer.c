// Timers that no clock reaches, and settings that no clock takes: they saturate, and what is left is told.
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

// Nearly that many seconds: the clocks of two kernels do not show the same.
static void told(const char *what, int clock, int got, long sec)
{
    static const long marks[] = {85899345953, 9223372036, 4294967295};
    printf("%s %d: %d", what, clock, got);
    for (int i = 0; i < 3; ++i)
        if (sec <= marks[i] && sec > marks[i] - 1000000000) printf(", about %ld", marks[i]);
    printf("\n");
}

// What is left until a time of CLOCK_REALTIME, with how much went by before the two kernels began.
static long whole(const struct timespec *left, int clock, int absolute)
{
    return left->tv_sec + (clock == CLOCK_REALTIME && absolute ? time(0) : 0);
}

static void posix_timers(long sec, int clock, int absolute)
{
    struct itimerspec spec = {{sec, 999999999}, {sec, 999999999}}, now = {{0, 0}, {0, 0}};
    timer_t timer;
    if (timer_create(clock, 0, &timer)) {
        printf("timer_create %d: %d\n", clock, errno);
        return;
    }
    int got = timer_settime(timer, absolute ? TIMER_ABSTIME : 0, &spec, 0);
    timer_gettime(timer, &now);
    told("timer every", clock, got, now.it_interval.tv_sec);
    told("timer", clock, got, whole(&now.it_value, clock, absolute));
    timer_delete(timer);
}

static void timerfds(long sec, int clock, int absolute)
{
    struct itimerspec spec = {{sec, 999999999}, {sec, 999999999}}, now = {{0, 0}, {0, 0}};
    int fd = timerfd_create(clock, 0), flags = absolute ? TFD_TIMER_ABSTIME : 0;
    int got = timerfd_settime(fd, flags, &spec, 0);
    timerfd_gettime(fd, &now);
    told("timerfd every", clock, got, now.it_interval.tv_sec);
    told("timerfd", clock, got, whole(&now.it_value, clock, absolute));
    unsigned long expired = 0;
    spec.it_value = (struct timespec){0, 1};
    timerfd_settime(fd, 0, &spec, 0);
    got = read(fd, &expired, sizeof expired);
    timerfd_gettime(fd, &now);
    told("next", clock, got, now.it_value.tv_sec);
    printf("expired %lu\n", expired);
    close(fd);
}

static void itimers(long sec)
{
    struct itimerval far = {{sec, 999999}, {sec, 999999}}, none = {{0, 0}, {0, 0}}, now = none;
    for (int which = ITIMER_REAL; which <= ITIMER_PROF; ++which) {
        int got = setitimer(which, &far, 0);
        getitimer(which, &now);
        told("itimer every", which, got, now.it_interval.tv_sec);
        // Linux shows a tick more than what was set for processor time, and wraps with it.
        if (which == ITIMER_REAL || sec < 9223372036) told("itimer", which, got, now.it_value.tv_sec);
        setitimer(which, &none, 0);
    }
}

// As a user who may not: what is no time at all is refused first. (And whoever runs this keeps his clock.)
static void settings(long sec)
{
    struct timespec time = {sec, 0};
    struct timeval tv = {sec, 0};
    printf("set %ld: %d", sec, clock_settime(CLOCK_REALTIME, &time) ? errno : 0);
    printf(" %d\n", settimeofday(&tv, 0) ? errno : 0);
}

int main(void)
{
    static const long far[] = {9223372035, 9223372036, 85899345953, LONG_MAX};
    static const int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID};
    for (int i = 0; i < 4; ++i) {
        printf("%ld\n", far[i]);
        itimers(far[i]);
        for (int c = 0; c < 8; ++c) posix_timers(far[i], clocks[c / 2], c % 2);
        for (int c = 0; c < 4; ++c) timerfds(far[i], clocks[c / 2], c % 2);
    }
    alarm(0xffffffff);
    told("alarm", 0, 0, alarm(0));

    static const rlim_t limits[] = {18446744073, 18446744074, LONG_MAX / 1000, LONG_MAX, RLIM_INFINITY - 1};
    for (int i = 0; i < 5; ++i) {
        struct rlimit cpu = {limits[i], RLIM_INFINITY}, now = {0, 0};
        int got = setrlimit(RLIMIT_CPU, &cpu);
        getrlimit(RLIMIT_CPU, &now);
        printf("cpu %d, %d\n", got, now.rlim_cur == limits[i]);
    }

    if (getuid() == 0 && setuid(65534)) return 1;
    static const long times[] = {8277292035, 8277292036, 85899345953, LONG_MAX, -1};
    for (int i = 0; i < 5; ++i) settings(times[i]);
    return 0;
}
