// Timers are not inherited by fork; alarms neither. SG-207 SG-216
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
    timer_t t;
    struct itimerspec left;
    alarm(1000);
    timer_create(CLOCK_MONOTONIC, 0, &t);
    fflush(stdout);
    if (fork() == 0) {
        int got = timer_gettime(t, &left);
        printf("child alarm %u, timer %d %d\n", alarm(0), got, errno);
        fflush(stdout);
        _exit(0);
    }
    wait(0);
    unsigned rest = alarm(0);
    printf("parent alarm %d, timer %d\n", rest > 990, timer_gettime(t, &left));
    return 0;
}
