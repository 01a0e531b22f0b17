// Priority-inheriting locks: the word, errors, and handing over. SD-050 SD-051 SD-052 SD-053 SD-054 SD-055
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static unsigned word;
static unsigned main_tid, other_tid;

static long futex(int op, void *timeout)
{
    errno = 0;
    return syscall(SYS_futex, &word, op, 0, timeout, 0, 0);
}

static void show(const char *what, long got)
{
    int e = errno;
    unsigned tid = word & 0x3fffffff;
    printf("%s %ld %d word %x%s\n", what, got, e, word >> 30,
           tid == 0 ? "" : tid == main_tid ? " main" : tid == other_tid ? " other" : " foreign");
}

static void *contender(void *p)
{
    other_tid = (unsigned)syscall(SYS_gettid);
    show("other tries", futex(FUTEX_TRYLOCK_PI, 0));
    long got = futex(FUTEX_LOCK_PI, 0);
    show("other has it", got);
    show("other unlocks", futex(FUTEX_UNLOCK_PI, 0));
    return p;
}

int main(void)
{
    pthread_t t;
    struct timespec nap = {0, 50000000};
    main_tid = (unsigned)syscall(SYS_gettid);
    show("lock", futex(FUTEX_LOCK_PI, 0));
    show("again", futex(FUTEX_LOCK_PI, 0));
    pthread_create(&t, 0, contender, 0);
    nanosleep(&nap, 0);
    printf("waiters bit %d\n", word >> 31);
    futex(FUTEX_UNLOCK_PI, 0);
    pthread_join(t, 0);
    show("not mine", futex(FUTEX_UNLOCK_PI, 0));
    word = 0x3ffffff0;
    show("no such owner", futex(FUTEX_LOCK_PI, 0));
    word = 0x40000000;
    show("owner died", futex(FUTEX_LOCK_PI, 0));
    word = main_tid;
    show("unlock", futex(FUTEX_UNLOCK_PI, 0));
    return 0;
}
