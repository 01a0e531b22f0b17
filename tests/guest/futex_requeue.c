// REQUEUE and CMP_REQUEUE wake some and move the rest. SD-046 SD-047
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int a, b;
static volatile int done;

static long futex(int *at, int op, int val, long val2, int *other, int val3)
{
    errno = 0;
    return syscall(SYS_futex, at, op, val, val2, other, val3);
}

static void *waiter(void *p)
{
    futex(&a, FUTEX_WAIT, 0, 0, 0, 0);
    __sync_fetch_and_add(&done, 1);
    return p;
}

static void nap(void)
{
    struct timespec t = {0, 200000000};
    nanosleep(&t, 0);
}

static void show(const char *what, long got)
{
    printf("%s %ld %d\n", what, got, got == -1 ? errno : 0);
}

int main(void)
{
    pthread_t t[4];
    for (int i = 0; i < 4; ++i) pthread_create(&t[i], 0, waiter, 0);
    nap();
    long got = futex(&a, FUTEX_CMP_REQUEUE, 1, 9, &b, 5);
    show("mismatch", got);
    got = futex(&a, FUTEX_REQUEUE, -1, 1, &b, 0);
    show("negative", got);
    printf("cmp %ld\n", futex(&a, FUTEX_CMP_REQUEUE, 1, 2, &b, 0));
    nap();
    printf("done %d\n", done);
    printf("left on first %ld\n", futex(&a, FUTEX_WAKE, 9, 0, 0, 0));
    nap();
    printf("requeue to itself %ld\n", futex(&b, FUTEX_REQUEUE, 0, 9, &b, 0));
    printf("second %ld\n", futex(&b, FUTEX_WAKE, 9, 0, 0, 0));
    for (int i = 0; i < 4; ++i) pthread_join(t[i], 0);
    printf("all %d\n", done);
    return 0;
}
