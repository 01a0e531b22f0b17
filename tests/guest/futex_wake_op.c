// FUTEX_WAKE_OP: every operation and comparison, and the unknown ones. SD-048
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static int a, b;

static void op(const char *what, int start, unsigned op, unsigned arg, unsigned cmp, unsigned cmparg)
{
    b = start;
    errno = 0;
    long got = syscall(SYS_futex, &a, FUTEX_WAKE_OP, 1, 1L, &b,
                       (op << 28) | (cmp << 24) | ((arg & 0xfff) << 12) | (cmparg & 0xfff));
    printf("%s %ld %d word %d\n", what, got, errno, b);
}

int main(void)
{
    op("set", 1, 0, 5, 0, 1);
    op("add", 1, 1, 0xfff, 1, 1);
    op("or", 6, 2, 9, 2, 3);
    op("andn", 15, 3, 5, 3, 3);
    op("xor", 15, 4, 5, 4, 3);
    op("shifted", 1, 8 | 2, 4, 5, 3);
    op("unknown op", 1, 5, 5, 0, 1);
    op("unknown cmp", 1, 0, 5, 9, 1);
    return 0;
}
