// alarm and ITIMER_REAL: remaining time, SIGALRM ends a sleep with the remainder told. SG-205 SD-203
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int rings;
static void ring(int s)
{
    (void)s;
    ++rings;
}

static void show(const char *what, long got)
{
    printf("%s %ld %d\n", what, got, got == -1 ? errno : 0);
}

int main(void)
{
    struct itimerval t = {{0, 0}, {0, 20000}}, old;
    signal(SIGALRM, ring);
    printf("first %u\n", alarm(100));
    unsigned left = alarm(0);
    printf("left %d\n", left == 100 || left == 99);
    printf("none %u\n", alarm(0));
    setitimer(ITIMER_REAL, &t, 0);
    struct timespec request = {5, 0}, rest = {0, 0};
    int got = nanosleep(&request, &rest);
    printf("sleep %d %d, rings %d, rest %d\n", got, errno, rings, rest.tv_sec == 4);
    t.it_interval.tv_usec = 10000;
    t.it_value.tv_usec = 10000;
    setitimer(ITIMER_REAL, &t, &old);
    printf("old %ld %ld\n", old.it_value.tv_sec, old.it_value.tv_usec);
    while (rings < 5) pause();
    getitimer(ITIMER_REAL, &old);
    printf("interval %ld, armed %d\n", old.it_interval.tv_usec, old.it_value.tv_usec > 0);
    setitimer(ITIMER_REAL, 0, 0);
    t.it_value.tv_usec = 1000000;
    show("bad usec", setitimer(ITIMER_REAL, &t, 0));
    t.it_value.tv_usec = 1;
    show("bad which", setitimer(3, &t, 0));
    return 0;
}
