// MAP_FIXED replaces, MAP_FIXED_NOREPLACE does not, a hint is followed where there is room.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

int main(void)
{
    const int rw = PROT_READ | PROT_WRITE, anon = MAP_PRIVATE | MAP_ANONYMOUS;
    char* base = mmap(0, 8 * 4096, rw, anon, -1, 0);
    memset(base, 'a', 8 * 4096);
    char* p = mmap(base + 2 * 4096, 2 * 4096, rw, anon | MAP_FIXED, -1, 0);
    printf("%d %c %d %d %c\n", p == base + 2 * 4096, base[2 * 4096 - 1], base[2 * 4096], base[3 * 4096],
           base[4 * 4096]);
    p = mmap(base + 4096, 4096, rw, anon | MAP_FIXED_NOREPLACE, -1, 0);
    printf("%s\n", p == MAP_FAILED ? strerrorname_np(errno) : "mapped");
    munmap(base + 4096, 4096);
    p = mmap(base + 4096, 4096, rw, anon | MAP_FIXED_NOREPLACE, -1, 0);
    printf("%d\n", p == base + 4096);
    p = mmap(base + 4096, 4096, rw, anon, -1, 0);
    printf("%d\n", p != base + 4096 && p != MAP_FAILED);
    char* hint = (char*)0x6000000000;
    p = mmap(hint + 5, 4096, rw, anon, -1, 0);
    printf("%d\n", p == hint);
    printf("%d %d %d\n", munmap(base, 8 * 4096), munmap(base, 8 * 4096), munmap(hint, 4096));
    printf("%s\n", munmap(base + 1, 4096) ? strerrorname_np(errno) : "unmapped");
    printf("%s\n", munmap(base, 0) ? strerrorname_np(errno) : "unmapped");
    printf("%s\n", munmap((void*)(1ul << 47), 4096) ? strerrorname_np(errno) : "unmapped");
    return 0;
}
