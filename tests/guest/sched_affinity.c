// Affinity: masks, sizes, and where the thread runs afterwards. SD-167 SD-168 SD-170
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    unsigned long mask[16];
    cpu_set_t set;
    memset(mask, 0, sizeof mask);
    printf("len 4 %ld %d\n", syscall(SYS_sched_getaffinity, 0, 4, mask), errno);
    printf("len 9 %ld %d\n", syscall(SYS_sched_getaffinity, 0, 9, mask), errno);
    printf("len 128 %d\n", syscall(SYS_sched_getaffinity, 0, 128, mask) > 0);
    memset(mask, 0, sizeof mask);
    mask[7] = 1ul << 52;
    printf("absent only %ld %d\n", syscall(SYS_sched_setaffinity, 0, 128, mask), errno);
    printf("no such pid %ld %d\n", syscall(SYS_sched_setaffinity, 999999, 8, mask), errno);
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
