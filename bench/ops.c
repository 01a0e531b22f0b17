// Kernel operations for the benchmark: `ops NAME COUNT` does NAME that many times and ends with 0. It
// takes no time itself: the driver times the whole command at two counts.
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void getpid_loop(long n)
{
    while (n--) syscall(SYS_getpid);
}

static void fork_loop(long n)
{
    while (n--) {
        pid_t pid = fork();
        if (pid == 0) _exit(0);
        waitpid(pid, NULL, 0);
    }
}

static void fork_touched(long n)
{
    const size_t size = 64u << 20;
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (size_t i = 0; i < size; i += 4096) p[i] = 1;
    fork_loop(n);
}

static void *nothing(void *arg) { return arg; }

static void thread_loop(long n)
{
    while (n--) {
        pthread_t t;
        pthread_create(&t, NULL, nothing, NULL);
        pthread_join(t, NULL);
    }
}

static void pipe_loop(long n)
{
    int there[2], back[2];
    char c = 0;
    if (pipe(there) || pipe(back)) abort();
    if (fork() == 0) {
        close(there[1]);
        while (read(there[0], &c, 1) == 1)
            if (write(back[1], &c, 1) != 1) break;
        _exit(0);
    }
    while (n--)
        if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1) abort();
    close(there[1]);
    wait(NULL);
}

static int *word;

static void hand_over(int from, int to)
{
    while (__atomic_load_n(word, __ATOMIC_ACQUIRE) != from) {
        int now = __atomic_load_n(word, __ATOMIC_ACQUIRE);
        if (now != from) syscall(SYS_futex, word, FUTEX_WAIT, now, NULL, NULL, 0);
    }
    __atomic_store_n(word, to, __ATOMIC_RELEASE);
    syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void futex_loop(long n)
{
    word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (fork() == 0) {
        for (long i = 0; i < n; i++) hand_over(1, 0);
        _exit(0);
    }
    for (long i = 0; i < n; i++) hand_over(0, 1);
    wait(NULL);
}

static void on_signal(int sig) { (void)sig; }

static void signal_loop(long n)
{
    signal(SIGUSR1, on_signal);
    const pid_t self = getpid();
    while (n--) kill(self, SIGUSR1);
}

static void exec_loop(long n)
{
    while (n--) {
        pid_t pid = vfork();
        if (pid == 0) {
            execl("/bin/true", "true", (char *)NULL);
            _exit(127);
        }
        waitpid(pid, NULL, 0);
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(long);
    } all[] = {{"getpid", getpid_loop}, {"fork", fork_loop},     {"fork64", fork_touched}, {"thread", thread_loop},
               {"pipe", pipe_loop},     {"futex", futex_loop},   {"signal", signal_loop},  {"exec", exec_loop}};
    if (argc != 3) return 2;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].name, argv[1]) == 0) {
            all[i].run(atol(argv[2]));
            return 0;
        }
    fprintf(stderr, "ops: no operation %s\n", argv[1]);
    return 2;
}
