// FUTEX_WAIT: mismatch, alignment, addresses, timeouts. SD-035 SD-036 SD-037 SD-041
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int word[4] = {1, 2, 3, 4};

static void call(const char *what, void *addr, int op, int val, void *timeout, int val3)
{
    errno = 0;
    long got = syscall(SYS_futex, addr, op, val, timeout, 0, val3);
    printf("%s %ld %d\n", what, got, errno);
}

int main(void)
{
    struct timespec ms = {0, 1000000}, zero = {0, 0}, bad = {0, 1000000000}, negative = {-1, 0}, past = {1, 0};
    call("mismatch", word, FUTEX_WAIT, 9, 0, 0);
    call("timeout", word, FUTEX_WAIT, 1, &ms, 0);
    call("private timeout", word, FUTEX_WAIT | 128, 1, &ms, 0);
    call("zero timeout", word, FUTEX_WAIT, 1, &zero, 0);
    call("bad timeout", word, FUTEX_WAIT, 9, &bad, 0);
    call("negative timeout", word, FUTEX_WAIT, 9, &negative, 0);
    call("timeout pointer", word, FUTEX_WAIT, 1, (void *)8, 0);
    call("unaligned", (char *)word + 1, FUTEX_WAIT, 1, &ms, 0);
    call("unmapped", (void *)4096, FUTEX_WAIT | 128, 1, &ms, 0);
    call("kernel address", (void *)0xffff800000000000, FUTEX_WAKE, 1, 0, 0);
    call("realtime wait", word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 1, &ms, 0);
    call("bitset past", word, FUTEX_WAIT_BITSET, 1, &past, -1);
    call("bitset past realtime", word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 1, &past, -1);
    call("bitset zero", word, FUTEX_WAIT_BITSET, 1, &past, 0);
    call("wake nobody", word, FUTEX_WAKE, 1, 0, 0);
    call("wake null private", 0, FUTEX_WAKE | 128, 1, 0, 0);
    call("wake null shared", 0, FUTEX_WAKE, 1, 0, 0);
    call("wake bitset zero", word, FUTEX_WAKE_BITSET, 1, 0, 0);
    call("fd", word, 2, 1, 0, 0);
    call("unknown", word, 14, 1, 0, 0);
    int *read_only = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    call("read-only shared form", read_only, FUTEX_WAKE, 1, 0, 0);
    call("read-only private form", read_only, FUTEX_WAKE | 128, 1, 0, 0);
    return 0;
}
