// Whoever looks at the clock twice sees it move, while another process keeps another processor busy. SD-204
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(int clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int looks_that_stood_still(int clock)
{
    int still = 0;
    long long last = now(clock);
    for (int i = 0; i < 300; i++) {
        for (volatile int work = 0; work < 7000; work++)
            ;
        const long long next = now(clock);
        still += next <= last;
        last = next;
    }
    return still;
}

int main(void)
{
    const pid_t busy = fork();
    if (busy == 0)
        for (;;)
            ;
    const int monotonic = looks_that_stood_still(CLOCK_MONOTONIC);
    const int real = looks_that_stood_still(CLOCK_REALTIME);
    printf("stood still: monotonic %d, real time %d\n", monotonic, real);
    kill(busy, SIGKILL);
    waitpid(busy, NULL, 0);
    return 0;
}
