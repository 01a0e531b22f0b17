// timerfd_create(2): one shot, repeated, absolute, disarmed.
#include "show.h"

#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <unistd.h>

static void wait_for(struct pollfd* fd, int timeout)
{
    int n = poll(fd, 1, timeout);
    printf("%d %x\n", n, fd->revents);
}

int main(void)
{
    uint64_t times = 0;
    struct itimerspec left;
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    SHOW(timerfd_create(77, 0));
    SHOW(timerfd_create(CLOCK_MONOTONIC, 1));
    SHOW_NUMBER(read(fd, &times, 8));
    struct itimerspec once = {{0, 0}, {0, 50000000}};
    SHOW(timerfd_settime(fd, 0, &once, 0));
    struct pollfd p = {fd, POLLIN, 0};
    wait_for(&p, -1);
    SHOW_NUMBER(read(fd, &times, 8));
    printf("%lu\n", (unsigned long)times);
    SHOW(timerfd_gettime(fd, &left));
    printf("%ld %ld\n", (long)left.it_value.tv_sec, left.it_value.tv_nsec);
    struct itimerspec often = {{0, 20000000}, {0, 20000000}};
    SHOW(timerfd_settime(fd, 0, &often, 0));
    usleep(110000);
    SHOW_NUMBER(read(fd, &times, 8));
    printf("several %d\n", times >= 4 && times <= 6);
    struct itimerspec hour = {{0, 0}, {3600, 0}};
    SHOW(timerfd_settime(fd, 0, &hour, &left));
    printf("interval %ld\n", left.it_interval.tv_nsec);
    SHOW(timerfd_gettime(fd, &left));
    printf("%ld\n", (long)left.it_value.tv_sec);
    struct itimerspec past = {{0, 0}, {0, 1}};
    SHOW(timerfd_settime(fd, TFD_TIMER_ABSTIME, &past, 0));
    usleep(1000);
    SHOW_NUMBER(read(fd, &times, 8));
    struct itimerspec off = {{0, 0}, {0, 0}};
    SHOW(timerfd_settime(fd, 0, &off, 0));
    SHOW_NUMBER(read(fd, &times, 8));
    struct itimerspec bad = {{0, 0}, {0, 1000000000}};
    SHOW(timerfd_settime(fd, 0, &bad, 0));
    SHOW(timerfd_settime(0, 0, &off, 0));
    SHOW_NUMBER(write(fd, &times, 8));
    return 0;
}
