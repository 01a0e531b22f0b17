// PF-013: contents can be read in pieces, at any offset, and are made anew at offset 0.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(void)
{
    char whole[4096], piece[4096] = {0};
    prctl(PR_SET_NAME, "before");
    int fd = open("/proc/self/comm", O_RDONLY);
    int size = 0;
    while (read(fd, piece + size, 1) == 1) ++size;
    printf("bytes: %.*s", size, piece);
    prctl(PR_SET_NAME, "after");
    size = pread(fd, whole, sizeof whole, 0);
    printf("again: %.*s", size, whole);
    size = pread(fd, whole, sizeof whole, 2);
    printf("from 2: %.*s", size, whole);
    printf("past the end: %d\n", (int)pread(fd, whole, sizeof whole, 100));
    printf("seek: %d\n", (int)lseek(fd, 1, SEEK_SET));
    size = read(fd, whole, 2);
    printf("two: %.*s\n", size, whole);
    int limits = open("/proc/self/limits", O_RDONLY);
    size = read(limits, whole, sizeof whole);
    int at = 0;
    lseek(limits, 0, SEEK_SET);
    for (int n; (n = read(limits, piece + at, 7)) > 0;) at += n;
    printf("same in sevens: %d\n", at == size && memcmp(whole, piece, size) == 0);
    return 0;
}
