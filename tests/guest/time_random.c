// getrandom: sizes, flags, different bytes. SD-200
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    char a[300], b[300];
    printf("300 %zd %zd\n", getrandom(a, 300, 0), getrandom(b, 300, GRND_NONBLOCK));
    printf("differ %d\n", memcmp(a, b, 300) != 0);
    printf("zero %zd\n", getrandom(a, 0, 0));
    printf("flags %zd %d\n", getrandom(a, 1, 64), errno);
    printf("both %zd %d\n", getrandom(a, 1, GRND_RANDOM | 4), errno);
    printf("address %ld %d\n", syscall(SYS_getrandom, 8L, 16L, 0L), errno);
    return 0;
}
