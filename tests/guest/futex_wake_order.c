// FUTEX_WAKE wakes first come first, counts, and picks by bitset. SD-039 SD-040 SD-045
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int word, order[8], woken;

static long futex(int op, int val, int val3)
{
    return syscall(SYS_futex, &word, op, val, 0, 0, val3);
}

static void *waiter(void *p)
{
    long n = (long)p;
    futex(FUTEX_WAIT_BITSET, 0, 1 << n);
    order[__sync_fetch_and_add(&woken, 1)] = (int)n;
    return 0;
}

static void nap(void)
{
    struct timespec t = {0, 150000000};
    nanosleep(&t, 0);
}

int main(void)
{
    pthread_t t[6];
    for (long i = 0; i < 6; ++i) {
        pthread_create(&t[i], 0, waiter, (void *)i);
        nap();
    }
    printf("bitset %ld\n", futex(FUTEX_WAKE_BITSET, 9, 1 << 3));
    nap();
    printf("one %ld\n", futex(FUTEX_WAKE, 1, 0));
    nap();
    printf("zero wakes %ld\n", futex(FUTEX_WAKE, 0, 0));
    nap();
    printf("none matches %ld\n", futex(FUTEX_WAKE_BITSET, 9, 1 << 7));
    printf("negative %ld\n", futex(FUTEX_WAKE, -1, 0));
    nap();
    printf("rest %ld\n", futex(FUTEX_WAKE, 99, 0));
    for (int i = 0; i < 6; ++i) pthread_join(t[i], 0);
    printf("order %d %d %d %d\n", order[0], order[1], order[2], order[3]);
    return 0;
}
