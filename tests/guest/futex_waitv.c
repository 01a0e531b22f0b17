// futex_waitv: errors, timeout, and which word woke it. SD-068
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct wait_one {
    uint64_t val, uaddr;
    uint32_t flags, reserved;
};
static unsigned word[3];
static struct wait_one w[130];

static long waitv(unsigned n, unsigned flags, struct timespec *t, int clock)
{
    errno = 0;
    return syscall(449, w, n, flags, t, clock);
}

static void *wake(void *p)
{
    struct timespec nap = {0, 50000000};
    nanosleep(&nap, 0);
    syscall(SYS_futex, &word[1], FUTEX_WAKE | 128, 1, 0, 0, 0);
    return p;
}

static void show(const char *what, long got)
{
    printf("%s %ld %d\n", what, got, got == -1 ? errno : 0);
}

int main(void)
{
    pthread_t t;
    struct timespec past = {1, 0};
    memset(w, 0, sizeof w);
    for (int i = 0; i < 3; ++i) {
        w[i].uaddr = (uint64_t)(uintptr_t)&word[i];
        w[i].flags = 2 | 128;
    }
    show("none", waitv(0, 0, 0, 0));
    show("many", waitv(129, 0, 0, 0));
    show("flags", waitv(3, 1, 0, 0));
    show("clock", waitv(3, 0, &past, 2));
    show("past", waitv(3, 0, &past, CLOCK_MONOTONIC));
    w[2].val = 4;
    show("mismatch", waitv(3, 0, 0, 0));
    w[2].val = 0;
    w[2].reserved = 1;
    show("reserved", waitv(3, 0, 0, 0));
    w[2].reserved = 0;
    w[2].flags = 128;
    show("size", waitv(3, 0, 0, 0));
    w[2].flags = 2 | 128;
    pthread_create(&t, 0, wake, 0);
    printf("woken by %ld\n", waitv(3, 0, 0, 0));
    pthread_join(t, 0);
    return 0;
}
