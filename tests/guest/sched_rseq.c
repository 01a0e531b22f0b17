// rseq: glibc's registration, errors, and the processor number in the area. SD-172 SD-217
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Alignas(32) char other[64];

static void show(const char *what, long got)
{
    printf("%s %ld %d\n", what, got, got == -1 ? errno : 0);
}

int main(void)
{
    struct rseq *area = (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);
    printf("registered %d\n", __rseq_size > 0 && area->cpu_id < 1024);
    for (int i = 0; i < 2; ++i) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(i, &set);
        if (sched_setaffinity(0, sizeof set, &set) == 0)
            printf("cpu %d\n", area->cpu_id == (unsigned)i && area->cpu_id_start == (unsigned)i);
    }
    show("other area", syscall(SYS_rseq, other, 32, 0, RSEQ_SIG));
    show("same again", syscall(SYS_rseq, area, 32, 0, RSEQ_SIG));
    show("other signature", syscall(SYS_rseq, area, 32, 0, 1));
    printf("unregister %ld\n", syscall(SYS_rseq, area, 32, 1, RSEQ_SIG));
    printf("ids %d %d\n", (int)area->cpu_id, (int)area->cpu_id_start);
    show("again", syscall(SYS_rseq, area, 32, 1, RSEQ_SIG));
    show("unaligned", syscall(SYS_rseq, other + 1, 32, 0, RSEQ_SIG));
    return 0;
}
