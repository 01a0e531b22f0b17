// A real-time task that is bound to one processor keeps nobody from another, nor waits behind who is there first.
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void bind_to(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set)) _exit(2);
}

static void spin(volatile int *stop)
{
    while (!*stop) {}
}

int main(void)
{
    volatile int *word = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct sched_param first = {.sched_priority = 5};
    struct timespec nap = {0, 2000000};
    for (int cpu = 0; cpu < 2; ++cpu)
        if (fork() == 0) {
            bind_to(cpu);
            spin(word);
            _exit(0);
        }
    if (fork() == 0) {
        bind_to(1);
        if (sched_setscheduler(0, SCHED_FIFO, &first)) printf("no real time here\n");
        for (int i = 0; i < 20; ++i) {
            nanosleep(&nap, 0);
            for (volatile int work = 0; work < 100000; ++work) {}
        }
        *word = 1;
        _exit(0);
    }
    while (wait(0) > 0) {}
    printf("all ended\n");
    return 0;
}
