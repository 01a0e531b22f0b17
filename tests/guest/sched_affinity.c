// Affinity: masks, sizes, and where the thread runs afterwards. SD-167 SD-168 SD-170
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void show(const char *what, long got)
{
    printf("%s %ld %d\n", what, got, got == -1 ? errno : 0);
}

int main(void)
{
    unsigned long mask[16];
    cpu_set_t set;
    memset(mask, 0, sizeof mask);
    show("len 4", syscall(SYS_sched_getaffinity, 0, 4, mask));
    show("len 9", syscall(SYS_sched_getaffinity, 0, 9, mask));
    printf("len 128 %d\n", syscall(SYS_sched_getaffinity, 0, 128, mask) > 0);
    memset(mask, 0, sizeof mask);
    mask[7] = 1ul << 52;
    show("absent only", syscall(SYS_sched_setaffinity, 0, 128, mask));
    show("no such pid", syscall(SYS_sched_setaffinity, 999999, 8, mask));
    for (int cpu = 0; cpu < 2; ++cpu) {
        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
        if (sched_setaffinity(0, sizeof set, &set)) continue;
        printf("pinned runs there %d\n", sched_getcpu() == cpu);
        CPU_ZERO(&set);
        sched_getaffinity(0, sizeof set, &set);
        printf("mask %d\n", CPU_COUNT(&set) == 1 && CPU_ISSET(cpu, &set));
    }
    return 0;
}
