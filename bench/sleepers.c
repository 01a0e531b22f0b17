// Guest of the benchmark of scale: `sleepers N ROUNDS` makes N sleeping threads, looks each up by its
// number, in order and then as if at random, wakes each once, and lets all end; ROUNDS times. It writes one
// letter before each of these, by which the benchmark tells how long they took: c(reate) l(ook up) a(t random)
// r(est) w(ake) e(nd), and s for the cost of a letter itself. Before the first round stands b.
#define _GNU_SOURCE
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { stack_size = 128 };
static int gate, arrived, awaited, all_here;

static void futex_wait(int *word, int value) { syscall(SYS_futex, word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, value, 0, 0, 0); }
static void futex_wake(int *word, int count) { syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count, 0, 0, 0); }

static void arrive(void)
{
    if (__atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST) != awaited) return;
    all_here = 1;
    futex_wake(&all_here, 1);
}

// Sleeps until the gate moves on, twice; then ends.
static int sleeper(void *unused)
{
    (void)unused;
    for (int seen = gate & ~1, end = seen + 2; seen < end; seen++) {
        while (__atomic_load_n(&gate, __ATOMIC_SEQ_CST) == seen) futex_wait(&gate, seen);
        arrive();
    }
    syscall(SYS_exit, 0);
    return 0;
}

static void mark(char letter)
{
    if (write(1, &letter, 1) != 1) _exit(1);
}

// Long enough for the benchmark to stop the machine here.
static void rest(void)
{
    for (volatile int i = 0; i < 500000; i++)
        ;
}

static void open_gate(int tasks)
{
    arrived = 0;
    awaited = tasks;
    all_here = 0;
    __atomic_add_fetch(&gate, 1, __ATOMIC_SEQ_CST);
    futex_wake(&gate, 1 << 30);
    while (!__atomic_load_n(&all_here, __ATOMIC_SEQ_CST)) futex_wait(&all_here, 0);
}

static void look_up(int group, int number)
{
    if (syscall(SYS_tgkill, group, number, 0) != 0) _exit(3);
}

static void round_of(int tasks, char *stacks, int *numbers)
{
    const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
    const int group = getpid();
    mark('c');
    for (int i = 0; i < tasks; i++) {
        numbers[i] = clone(sleeper, stacks + (size_t)(i + 1) * stack_size, flags, NULL);
        if (numbers[i] < 0) _exit(2);
        // Lets it go to sleep, so that what is measured is a task that sleeps.
        if (i % 16 == 15) sched_yield();
    }
    mark('l');
    for (int i = 0; i < tasks; i++) look_up(group, numbers[i]);
    mark('a');
    for (int i = 0, at = 0; i < tasks; i++, at = (int)((at + 7919u) % (unsigned)tasks)) look_up(group, numbers[at]);
    mark('r');
    rest();
    mark('w');
    open_gate(tasks);
    mark('e');
    open_gate(tasks);
    // Time passes once all others have ended.
    nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    mark('s');
    mark('s');
}

int main(int argc, char **argv)
{
    if (argc != 3) return 2;
    const int tasks = atoi(argv[1]);
    const size_t size = (size_t)tasks * stack_size;
    char *stacks = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int *numbers = mmap(NULL, (size_t)tasks * sizeof(int), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (size_t i = 0; i < size; i += 4096) stacks[i] = 1;
    for (int i = 0; i < tasks; i++) numbers[i] = 0;
    mark('b');
    rest();
    for (int rounds = atoi(argv[2]); rounds > 0; rounds--) round_of(tasks, stacks, numbers);
    return 0;
}
