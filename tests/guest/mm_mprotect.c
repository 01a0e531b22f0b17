// mprotect(2): splitting and merging, as /proc/self/maps shows, and errors.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static void show(const char* what, char* base, size_t length)
{
    FILE* maps = fopen("/proc/self/maps", "r");
    char line[512];
    printf("%s:", what);
    while (fgets(line, sizeof line, maps)) {
        unsigned long start, end;
        char perms[8];
        if (sscanf(line, "%lx-%lx %7s", &start, &end, perms) != 3) continue;
        if (end <= (unsigned long)base || start >= (unsigned long)base + length) continue;
        printf(" %ld-%ld%s", ((long)start - (long)base) / 4096, ((long)end - (long)base) / 4096, perms);
    }
    fclose(maps);
    printf("\n");
}

static const char* outcome(int result)
{
    return result ? strerrorname_np(errno) : "done";
}

int main(void)
{
    char *arena = mmap(0, 24 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *base = arena + 4 * 4096;
    mprotect(base, 16 * 4096, PROT_READ | PROT_WRITE);
    show("whole", base, 16 * 4096);
    mprotect(base + 4 * 4096, 4 * 4096, PROT_READ);
    show("middle", base, 16 * 4096);
    mprotect(base + 6 * 4096, 4 * 4096, PROT_READ | PROT_EXEC);
    show("overlapping", base, 16 * 4096);
    mprotect(base + 4 * 4096, 6 * 4096, PROT_READ | PROT_WRITE);
    show("merged", base, 16 * 4096);
    munmap(base + 8 * 4096, 4096);
    show("hole", base, 16 * 4096);
    printf("over the hole: %s\n", outcome(mprotect(base, 16 * 4096, PROT_READ)));
    show("changed up to it", base, 16 * 4096);
    printf("in the hole: %s\n", outcome(mprotect(base + 8 * 4096, 4096, PROT_READ)));
    printf("misaligned: %s\n", outcome(mprotect(base + 1, 4096, PROT_READ)));
    printf("empty: %s\n", outcome(mprotect(base, 0, PROT_READ)));
    printf("unknown protection: %s\n", outcome(mprotect(base, 4096, 0x100)));
    printf("up and down: %s\n", outcome(mprotect(base, 4096, PROT_GROWSDOWN | PROT_GROWSUP)));
    printf("down, but it does not: %s\n", outcome(mprotect(base, 4096, PROT_READ | PROT_GROWSDOWN)));
    printf("overflow: %s\n", outcome(mprotect(base, -4096ul, PROT_READ)));
    return 0;
}
