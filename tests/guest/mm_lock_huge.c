// More pages locked than 32 bits count, none of which is there (MLOCK_ONFAULT).
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static void show_locked(const char *when)
{
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    while (fgets(line, sizeof line, status))
        if (strncmp(line, "VmLck:", 6) == 0) printf("%s: %s", when, line);
    fclose(status);
}

int main(void)
{
    const size_t size = 1ul << 45;
    void *at = mmap(0, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) return 1;
    // Piece by piece: Linux counts those of one call in an int.
    for (int i = 0; i < 8; ++i)
        printf("mlock2 %d\n", mlock2((char *)at + size / 8 * i, size / 8, MLOCK_ONFAULT) ? errno : 0);
    show_locked("locked");
    munmap((char *)at + size / 4, size / 4);
    show_locked("a quarter less");
    munlock(at, size / 8);
    munmap(at, size);
    show_locked("none");
    return 0;
}
