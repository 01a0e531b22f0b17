// Shared words meet across processes and mappings; after fork private memory does not. SD-042 SD-044 SD-072
#define _GNU_SOURCE
#include <linux/futex.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int private_word;

static long futex(int *at, int op, int val)
{
    struct timespec t = {4, 0};
    return syscall(SYS_futex, at, op, val, op == FUTEX_WAIT ? &t : 0, 0, 0);
}

static void nap(void)
{
    struct timespec t = {0, 300000000};
    nanosleep(&t, 0);
}

static void meet(const char *what, int *in_child, int *in_parent, int private_form)
{
    int status;
    fflush(stdout);
    int pid = fork();
    if (pid == 0) _exit(futex(in_child, FUTEX_WAIT, 0) == 0 ? 7 : 8);
    nap();
    long woken = futex(in_parent, FUTEX_WAKE | (private_form ? 128 : 0), 9);
    if (woken == 0) futex(in_child, FUTEX_WAKE, 9);
    waitpid(pid, &status, 0);
    printf("%s: woken %ld, status %d\n", what, woken, WEXITSTATUS(status));
}

int main(void)
{
    int fd = memfd_create("word", 0);
    ftruncate(fd, 8192);
    int *one = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    int *two = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    int *anonymous = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    meet("anonymous", anonymous, anonymous, 0);
    meet("alias", one + 1025, two + 1025, 0);
    meet("other word", one + 1025, two + 1026, 0);
    meet("private form", one, one, 1);
    fflush(stdout);
    int pid = fork();
    if (pid == 0) {
        private_word = 0;
        nap();
        _exit((int)futex(&private_word, FUTEX_WAKE, 9));
    }
    struct timespec t = {1, 0};
    long got = syscall(SYS_futex, &private_word, FUTEX_WAIT, 0, &t, 0, 0);
    int status;
    waitpid(pid, &status, 0);
    printf("after fork: %ld, child woke %d\n", got, WEXITSTATUS(status));
    return 0;
}
