// A loop that yields, and one that watches the clock, come to their end. SD-160
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <time.h>

static volatile int flag;

static void *set(void *p)
{
    struct timespec t = {0, 30000000};
    nanosleep(&t, 0);
    flag = 1;
    return p;
}

int main(void)
{
    pthread_t t;
    pthread_create(&t, 0, set, 0);
    while (!flag) sched_yield();
    printf("yielded %d\n", sched_yield());
    pthread_join(t, 0);
    time_t end = time(0) + 2;
    while (time(0) < end) {}
    printf("time passed\n");
    flag = 0;
    pthread_create(&t, 0, set, 0);
    while (!flag) {}
    pthread_join(t, 0);
    printf("spun\n");
    return 0;
}
