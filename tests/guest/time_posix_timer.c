// timer_create: the three ways to be told, overruns, errors. SG-072 SG-208 SG-209 SG-210 SG-213
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static volatile int got, code, value, overrun;
static void handler(int s, siginfo_t *info, void *c)
{
    (void)s;
    (void)c;
    ++got;
    code = info->si_code;
    value = info->si_value.sival_int;
    overrun = info->si_overrun;
}

static void show(const char *what, long got)
{
    printf("%s %ld %d\n", what, got, got == -1 ? errno : 0);
}

int main(void)
{
    struct sigaction sa;
    struct sigevent ev;
    struct itimerspec spec, left;
    sigset_t set, none;
    timer_t t, u;
    memset(&sa, 0, sizeof sa);
    sa.sa_sigaction = handler;
    sa.sa_flags = SA_SIGINFO;
    sigaction(SIGUSR1, &sa, 0);
    sigaction(SIGALRM, &sa, 0);
    sigemptyset(&set);
    sigemptyset(&none);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, 0);
    memset(&ev, 0, sizeof ev);
    ev.sigev_notify = SIGEV_SIGNAL;
    ev.sigev_signo = SIGUSR1;
    ev.sigev_value.sival_int = 42;
    printf("create %d\n", timer_create(CLOCK_MONOTONIC, &ev, &t));
    memset(&spec, 0, sizeof spec);
    spec.it_value.tv_nsec = 5000000;
    printf("settime %d\n", timer_settime(t, 0, &spec, 0));
    sigsuspend(&none);
    printf("got %d code %d value %d\n", got, code == SI_TIMER, value);
    timer_gettime(t, &left);
    printf("disarmed %ld %ld\n", left.it_value.tv_sec, left.it_value.tv_nsec);

    spec.it_interval.tv_nsec = 5000000;
    timer_settime(t, 0, &spec, 0);
    struct timespec nap = {0, 52000000};
    nanosleep(&nap, 0);
    sigsuspend(&none);
    printf("one signal %d, overruns %d\n", got, overrun >= 8);
    printf("getoverrun %d\n", timer_getoverrun(t) == overrun);
    spec.it_interval.tv_nsec = 0;
    spec.it_value.tv_nsec = 0;
    timer_settime(t, 0, &spec, 0);
    show("delete", timer_delete(t));
    show("delete again", timer_delete(t));

    ev.sigev_notify = SIGEV_THREAD_ID;
    ev._sigev_un._tid = syscall(SYS_gettid);
    timer_create(CLOCK_REALTIME, &ev, &u);
    spec.it_value.tv_nsec = 1;
    timer_settime(u, 0, &spec, 0);
    sigsuspend(&none);
    printf("thread %d\n", got);
    ev._sigev_un._tid = 1;
    show("foreign thread", timer_create(CLOCK_REALTIME, &ev, &u));
    ev.sigev_notify = SIGEV_SIGNAL;
    ev.sigev_signo = 65;
    show("bad signo", timer_create(CLOCK_REALTIME, &ev, &u));
    ev.sigev_signo = SIGUSR1;
    show("bad clock", timer_create(99, &ev, &u));
    show("raw clock", timer_create(CLOCK_MONOTONIC_RAW, &ev, &u));
    show("alarm without its clock", syscall(SYS_clock_getres, CLOCK_REALTIME_ALARM, 0) == 0 ||
                                        timer_create(CLOCK_REALTIME_ALARM, &ev, &u) == 0 || errno == EOPNOTSUPP
                                        ? 0 : -1);
    spec.it_value.tv_nsec = 1000000000;
    show("bad time", timer_settime(u, 0, &spec, 0));
    return 0;
}
