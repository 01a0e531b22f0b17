// CPU clocks of other threads and processes, and times(2). SD-206 SD-207 SD-176
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void *spin(void *p)
{
    volatile long n = 0;
    while (n < 30000000) ++n;
    return p;
}

static void show(const char *what, long got)
{
    printf("%s %ld %d\n", what, got, got == -1 ? errno : 0);
}

int main(void)
{
    clockid_t clock;
    struct timespec t;
    pthread_t thread;
    pthread_create(&thread, 0, spin, 0);
    printf("thread clock %d\n", pthread_getcpuclockid(thread, &clock));
    printf("readable %d\n", clock_gettime(clock, &t));
    pthread_join(thread, 0);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    long long process = t.tv_sec * 1000000000LL + t.tv_nsec;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    long long self = t.tv_sec * 1000000000LL + t.tv_nsec;
    printf("gone threads count %d\n", process > self + 1000000);
    int pid = fork();
    if (pid == 0) {
        spin(0);
        _exit(0);
    }
    clock_getcpuclockid(pid, &clock);
    siginfo_t info;
    waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
    printf("zombie %d\n", clock_gettime(clock, &t));
    waitpid(pid, 0, 0);
    show("reaped", clock_gettime(clock, &t));
    struct tms used;
    printf("times %d, children %d\n", times(&used) != (clock_t)-1, used.tms_cutime >= 0);
    return 0;
}
