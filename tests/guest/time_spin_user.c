// programs.md getitimer: time spent looking at the clock is user time; which timers keep their interval.
#include "show.h"

#include <signal.h>
#include <sys/time.h>
#include <time.h>

static volatile int fired;

static void count(int signo)
{
    fired++;
}

int main(void)
{
    signal(SIGVTALRM, count);
    struct itimerval timer = {{0, 0}, {0, 50000}};
    setitimer(ITIMER_VIRTUAL, &timer, 0);
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        clock_gettime(CLOCK_MONOTONIC, &now);
        getitimer(ITIMER_VIRTUAL, &timer);
    } while (!fired && now.tv_sec - start.tv_sec < 20);
    printf("fired %d in time %d\n", fired, now.tv_sec - start.tv_sec < 20);

    // The real one forgets its interval with its value; the others keep it.
    for (int which = ITIMER_REAL; which <= ITIMER_PROF; ++which) {
        timer = (struct itimerval){{7, 5}, {0, 0}};
        setitimer(which, &timer, 0);
        getitimer(which, &timer);
        printf("timer %d keeps %ld\n", which, (long)timer.it_interval.tv_sec);
    }
    return 0;
}
