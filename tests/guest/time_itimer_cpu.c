// ITIMER_VIRTUAL and ITIMER_PROF count processor time, not sleep. SG-205 SG-214
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>

static volatile int virtual_rings, prof_rings;
static void on_virtual(int s)
{
    (void)s;
    ++virtual_rings;
}
static void on_prof(int s)
{
    (void)s;
    ++prof_rings;
}

int main(void)
{
    struct itimerval t = {{0, 5000}, {0, 5000}}, zero = {{0, 0}, {0, 0}};
    struct timespec nap = {0, 50000000};
    signal(SIGVTALRM, on_virtual);
    signal(SIGPROF, on_prof);
    setitimer(ITIMER_VIRTUAL, &t, 0);
    while (nanosleep(&nap, 0)) {}
    printf("asleep %d\n", virtual_rings);
    while (virtual_rings < 3) {}
    setitimer(ITIMER_VIRTUAL, &zero, 0);
    setitimer(ITIMER_PROF, &t, 0);
    while (prof_rings < 3) {}
    setitimer(ITIMER_PROF, &zero, 0);
    printf("rings %d %d\n", virtual_rings >= 3, prof_rings >= 3);
    return 0;
}
