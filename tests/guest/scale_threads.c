// Many threads with tiny stacks sleep in futexes; then all are woken and end. The number is the first
// argument: a thousand when none is given, a million for the measurement of scale. SD-210
#define _GNU_SOURCE
#include <linux/futex.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int gate, ended;

static int sleeper(void *p)
{
    while (__atomic_load_n(&gate, __ATOMIC_SEQ_CST) == 0) syscall(SYS_futex, &gate, FUTEX_WAIT | 128, 0, 0, 0, 0);
    __atomic_add_fetch(&ended, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_exit, 0);
    return 0;
}

int main(int argc, char **argv)
{
    enum { stack = 512 };
    int many = argc > 1 ? atoi(argv[1]) : 1000;
    int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
    char *stacks = mmap(0, (size_t)many * stack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int made = 0;
    for (int i = 0; i < many; ++i)
        if (clone(sleeper, stacks + (size_t)(i + 1) * stack, flags, 0) > 0) ++made;
    printf("made %d\n", made == many);
    __atomic_store_n(&gate, 1, __ATOMIC_SEQ_CST);
    int woken = 0;
    while (__atomic_load_n(&ended, __ATOMIC_SEQ_CST) < made) {
        woken += (int)syscall(SYS_futex, &gate, FUTEX_WAKE | 128, 1 << 30, 0, 0, 0);
        sched_yield();
    }
    printf("ended %d\n", ended == made);
    return 0;
}
