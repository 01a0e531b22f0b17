// Clocks go forward, agree with one another, and say their resolution. SD-204 SD-206
#include <errno.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>

static long long ns(int clock)
{
    struct timespec t;
    if (clock_gettime(clock, &t)) return -errno;
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void show(const char *what, long got)
{
    printf("%s %ld %d\n", what, got, got == -1 ? errno : 0);
}

int main(void)
{
    struct timeval tv;
    struct timespec r;
    long long a = ns(CLOCK_MONOTONIC), b = ns(CLOCK_MONOTONIC);
    printf("monotonic %d\n", b >= a && a > 0);
    long long real = ns(CLOCK_REALTIME);
    gettimeofday(&tv, 0);
    long long day = tv.tv_sec * 1000000LL + tv.tv_usec;
    printf("gettimeofday agrees %d\n", day * 1000 >= real - 1000 && day * 1000 < real + 10000000000LL);
    printf("time agrees %d\n", time(0) - tv.tv_sec >= 0 && time(0) - tv.tv_sec < 10);
    printf("after 2020 %d\n", tv.tv_sec > 1577836800);
    printf("thread %d process %d\n", ns(CLOCK_THREAD_CPUTIME_ID) > 0, ns(CLOCK_PROCESS_CPUTIME_ID) > 0);
    printf("coarse %d\n", ns(CLOCK_MONOTONIC_COARSE) <= ns(CLOCK_MONOTONIC));
    for (int clock = 0; clock <= 11; ++clock) {
        if (clock == 8 || clock == 9) continue;
        int got = clock_getres(clock, &r);
        printf("resolution %d: %d %d\n", clock, got, got ? errno : r.tv_nsec == 1 || r.tv_nsec % 1000000 == 0);
    }
    show("unknown", clock_gettime(50, &r));
    r.tv_sec = 1;
    r.tv_nsec = 0;
    show("settime monotonic", clock_settime(CLOCK_MONOTONIC, &r));
    return 0;
}
