// Policies and priorities: ranges, checks, what is told back. SD-140 SD-141 SD-152 SD-158
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void set(const char *what, int pid, int policy, int priority)
{
    struct sched_param p = {priority};
    errno = 0;
    int got = sched_setscheduler(pid, policy, &p);
    printf("%s %d %d -> %d\n", what, got, errno, sched_getscheduler(0));
}

static void show(const char *what, long got)
{
    printf("%s %ld %d\n", what, got, got == -1 ? errno : 0);
}

int main(void)
{
    for (int policy = -1; policy < 8; ++policy) {
        errno = 0;
        int max = sched_get_priority_max(policy), min = sched_get_priority_min(policy);
        printf("range %d: %d..%d %d\n", policy, min, max, errno);
    }
    set("other with priority", 0, SCHED_OTHER, 1);
    set("fifo without", 0, SCHED_FIFO, 0);
    set("fifo 100", 0, SCHED_FIFO, 100);
    set("unknown", 0, 9, 0);
    set("deadline", 0, 6, 0);
    set("negative pid", -1, SCHED_OTHER, 0);
    set("no such pid", 999999, SCHED_OTHER, 0);
    set("batch", 0, SCHED_BATCH, 0);
    struct sched_param p = {7};
    printf("getparam %d %d\n", sched_getparam(0, &p), p.sched_priority);
    unsigned attr[14];
    memset(attr, 0, sizeof attr);
    show("getattr", syscall(SYS_sched_getattr, 0, attr, 48, 0));
    printf("size %u policy %u\n", attr[0], attr[1]);
    show("getattr short", syscall(SYS_sched_getattr, 0, attr, 40, 0));
    attr[0] = 20;
    show("setattr short", syscall(SYS_sched_setattr, 0, attr, 0));
    printf("size told %d\n", attr[0] >= 56);
    set("other", 0, SCHED_OTHER, 0);
    return 0;
}
