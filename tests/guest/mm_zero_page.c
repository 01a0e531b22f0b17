// Memory that was never written reads as zeros and has no cost until it is written.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

static long resident_kb(void)
{
    FILE* status = fopen("/proc/self/status", "r");
    char line[256];
    long kb = -1;
    while (fgets(line, sizeof line, status))
        if (sscanf(line, "RssAnon: %ld", &kb) == 1) break;
    fclose(status);
    return kb;
}

int main(void)
{
    const size_t size = 64ul << 20;
    char* p = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise(p, size, MADV_NOHUGEPAGE);
    long before = resident_kb(), sum = 0;
    for (size_t i = 0; i < size; i += 4096) sum += p[i];
    printf("sum %ld, cheap %d\n", sum, resident_kb() - before < 4096);
    for (size_t i = 0; i < size / 2; i += 4096) p[i] = 1;
    for (size_t i = 0; i < size; i += 2048) sum += p[i];
    long now = resident_kb();
    printf("sum %ld, half of it is there %d\n", sum, now - before > 30000 && now - before < 36000);
    munmap(p, size);
    printf("given back %d\n", resident_kb() - before < 4096);
    return 0;
}
