// nanosleep and clock_nanosleep: bad times, zero, absolute in the past, never early. SD-200 SD-201 SD-202
#include <errno.h>
#include <stdio.h>
#include <time.h>

static long long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void show(const char *what, int clock, int flags, long sec, long nsec)
{
    struct timespec t = {sec, nsec};
    printf("%s %d\n", what, clock_nanosleep(clock, flags, &t, 0));
}

static void told(const char *what, int got)
{
    printf("%s %d %d\n", what, got, got ? errno : 0);
}

int main(void)
{
    struct timespec bad = {0, 1000000000}, negative = {-1, 0}, zero = {0, 0}, ten = {0, 10000000};
    told("too many ns", nanosleep(&bad, 0));
    told("negative", nanosleep(&negative, 0));
    printf("zero %d\n", nanosleep(&zero, 0));
    long long before = now();
    printf("ten ms %d\n", nanosleep(&ten, 0));
    printf("never early %d\n", now() - before >= 10000000);
    show("absolute past", CLOCK_MONOTONIC, TIMER_ABSTIME, 0, 1);
    show("realtime past", CLOCK_REALTIME, TIMER_ABSTIME, 5, 0);
    show("boottime", CLOCK_BOOTTIME, 0, 0, 1000);
    show("tai", CLOCK_TAI, 0, 0, 1000);
    show("raw", CLOCK_MONOTONIC_RAW, 0, 0, 1000);
    show("coarse", CLOCK_REALTIME_COARSE, 0, 0, 1000);
    show("unknown", 77, 0, 0, 1000);
    return 0;
}
