// getrandom: sizes, flags, different bytes. SD-200
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

static void show(const char *what, long got)
{
    printf("%s %ld %d\n", what, got, got == -1 ? errno : 0);
}

int main(void)
{
    char a[300], b[300];
    printf("300 %zd %zd\n", getrandom(a, 300, 0), getrandom(b, 300, GRND_NONBLOCK));
    printf("differ %d\n", memcmp(a, b, 300) != 0);
    printf("zero %zd\n", getrandom(a, 0, 0));
    show("flags", getrandom(a, 1, 64));
    show("both", getrandom(a, 1, GRND_RANDOM | 4));
    show("address", syscall(SYS_getrandom, 8L, 16L, 0L));
    return 0;
}
