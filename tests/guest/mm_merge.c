// PF-074: neighbours of the same kind become one mapping, whichever comes first.
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>

static int count(char* base, size_t length)
{
    FILE* maps = fopen("/proc/self/maps", "r");
    char line[512];
    int lines = 0;
    while (fgets(line, sizeof line, maps)) {
        unsigned long start, end;
        if (sscanf(line, "%lx-%lx", &start, &end) != 2) continue;
        lines += end > (unsigned long)base && start < (unsigned long)base + length;
    }
    fclose(maps);
    return lines;
}

static void at(char* where, int prot, int flags)
{
    mmap(where, 4096, prot, flags | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

int main(void)
{
    const int rw = PROT_READ | PROT_WRITE;
    size_t length = 16 * 4096;
    char *arena = mmap(0, length + 2 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
         *base = arena + 4096;
    printf("one %d\n", count(base, length));
    munmap(base, length);
    printf("none %d\n", count(base, length));
    at(base + 4096, rw, MAP_PRIVATE);
    at(base + 3 * 4096, rw, MAP_PRIVATE);
    printf("two %d\n", count(base, length));
    at(base + 2 * 4096, rw, MAP_PRIVATE);
    printf("joined %d\n", count(base, length));
    at(base + 4 * 4096, PROT_READ, MAP_PRIVATE);
    printf("another kind %d\n", count(base, length));
    at(base + 5 * 4096, rw, MAP_SHARED);
    at(base + 6 * 4096, rw, MAP_SHARED);
    printf("shared ones stay apart %d\n", count(base, length));
    munmap(base + 2 * 4096, 4096);
    printf("cut %d\n", count(base, length));
    at(base + 2 * 4096, rw, MAP_PRIVATE | MAP_NORESERVE);
    printf("noreserve is its own kind %d\n", count(base, length));
    return 0;
}
