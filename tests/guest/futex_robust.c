// A robust list: words of a dead owner are marked, and a waiter wakes. SD-061 SD-062 SD-063
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct node {
    struct node *next;
    unsigned word;
};
struct head {
    struct node *next;
    long offset;
    struct node *pending;
};

static void child(struct node *n)
{
    static struct head h;
    unsigned tid = (unsigned)syscall(SYS_gettid);
    h.offset = offsetof(struct node, word);
    h.next = &n[0];
    n[0].next = &n[1];
    n[1].next = &n[2];
    n[2].next = (struct node *)&h;
    h.pending = &n[3];
    n[0].word = tid;
    n[1].word = tid | 0x80000000;
    n[2].word = 12345;
    n[3].word = tid;
    syscall(SYS_set_robust_list, &h, sizeof h);
    struct timespec t = {0, 100000000};
    nanosleep(&t, 0);
    _exit(0);
}

static void show(const char *what, long got)
{
    printf("%s %ld %d\n", what, got, got == -1 ? errno : 0);
}

int main(void)
{
    struct node *n = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    void *head;
    size_t length;
    show("bad length", syscall(SYS_set_robust_list, &n, 8L));
    printf("get %ld", syscall(SYS_get_robust_list, 0, &head, &length));
    printf(" length %zu\n", length);
    fflush(stdout);
    int pid = fork();
    if (pid == 0) child(n);
    while (n[1].word == 0) usleep(1000);
    unsigned seen = n[1].word;
    struct timespec t = {5, 0};
    long got = syscall(SYS_futex, &n[1].word, FUTEX_WAIT, seen, &t, 0, 0);
    waitpid(pid, 0, 0);
    printf("waiter %ld words %x %x %u %x\n", got, n[0].word, n[1].word, n[2].word, n[3].word);

    pthread_mutex_t *m = (pthread_mutex_t *)(n + 8);
    pthread_mutexattr_t a;
    pthread_mutexattr_init(&a);
    pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(m, &a);
    if (fork() == 0) {
        pthread_mutex_lock(m);
        _exit(0);
    }
    wait(0);
    printf("lock %d\n", pthread_mutex_lock(m));
    printf("consistent %d\n", pthread_mutex_consistent(m));
    printf("unlock %d\n", pthread_mutex_unlock(m));
    return 0;
}
