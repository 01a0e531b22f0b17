// PF-072 to PF-074: lines of maps: permissions, merging and splitting, the special names.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void show(const char* what, char* from, int pages)
{
    char line[512];
    FILE* maps = fopen("/proc/self/maps", "r");
    printf("%s:\n", what);
    while (fgets(line, sizeof line, maps)) {
        unsigned long start, end;
        char permissions[8];
        sscanf(line, "%lx-%lx %s", &start, &end, permissions);
        if (start >= (unsigned long)from && end <= (unsigned long)from + pages * 4096)
            printf("  +%lu %lu %s\n", (start - (unsigned long)from) / 4096, (end - start) / 4096, permissions);
    }
    fclose(maps);
}

int main(void)
{
    char* area = mmap(0, 10 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char* inner = area + 4096;
    mprotect(inner, 8 * 4096, PROT_READ | PROT_WRITE);
    show("one", inner, 8);
    mprotect(inner + 2 * 4096, 4096, PROT_READ);
    show("three", inner, 8);
    mprotect(inner + 2 * 4096, 4096, PROT_READ | PROT_WRITE);
    show("one again", inner, 8);
    munmap(inner + 4 * 4096, 4096);
    show("a hole", inner, 8);
    void* volatile heap = malloc(100);
    char line[512];
    FILE* maps = fopen("/proc/self/maps", "r");
    unsigned long last = 0, start;
    int ordered = 1;
    while (fgets(line, sizeof line, maps)) {
        sscanf(line, "%lx", &start);
        ordered &= start >= last;
        last = start;
        char* name = strchr(line, '[');
        if (name && (strstr(name, "[heap]") || strstr(name, "[stack]") || strstr(name, "[vdso]")))
            printf("%ld %s", (long)(name - line), name);
    }
    printf("ordered %d\n", ordered);
    return 0;
}
