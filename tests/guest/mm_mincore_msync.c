// mincore(2) and msync(2): residency of anonymous memory, and errors.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static const char* outcome(int result)
{
    return result ? strerrorname_np(errno) : "done";
}

int main(void)
{
    unsigned char seen[16];
    char* p = mmap(0, 8 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise(p, 8 * 4096, MADV_NOHUGEPAGE);
    p[0] = p[3 * 4096] = 1;
    printf("mincore: %s", outcome(mincore(p, 8 * 4096, seen)));
    for (int i = 0; i < 8; i++) printf(" %d", seen[i] & 1);
    printf("\n");
    madvise(p, 4096, MADV_DONTNEED);
    mincore(p, 1, seen);
    printf("dropped: %d\n", seen[0] & 1);
    printf("misaligned: %s\n", outcome(mincore(p + 1, 4096, seen)));
    printf("bad vector: %s\n", outcome(mincore(p, 4096, (unsigned char*)8)));
    munmap(p + 4 * 4096, 4096);
    printf("hole: %s\n", outcome(mincore(p, 8 * 4096, seen)));
    printf("too long: %s\n", outcome(mincore(p, -4096ul, seen)));
    printf("empty: %s\n", outcome(mincore(p, 0, seen)));
    printf("msync: %s\n", outcome(msync(p, 4 * 4096, MS_SYNC)));
    printf("msync over a hole: %s\n", outcome(msync(p, 8 * 4096, MS_ASYNC)));
    printf("msync both: %s\n", outcome(msync(p, 4096, MS_ASYNC | MS_SYNC)));
    printf("msync unknown: %s\n", outcome(msync(p, 4096, 64)));
    printf("msync misaligned: %s\n", outcome(msync(p + 8, 4096, MS_SYNC)));
    return 0;
}
