// Ends of threads: the leader leaves first, detached threads, exit from a thread, a stack given by hand.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *later(void *arg)
{
    usleep(20000);
    printf("thread outlives the leader\n");
    fflush(stdout);
    exit((int)(long)arg);
}

static void *detached(void *arg)
{
    __atomic_store_n((int *)arg, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

int main(void)
{
    int status;
    if (fork() == 0) {
        pthread_t t;
        pthread_create(&t, NULL, later, (void *)9L);
        pthread_exit(NULL);
    }
    wait(&status);
    printf("status %d\n", WEXITSTATUS(status));
    int done = 0;
    pthread_attr_t a;
    pthread_attr_init(&a);
    pthread_attr_setdetachstate(&a, PTHREAD_CREATE_DETACHED);
    pthread_t t;
    pthread_create(&t, &a, detached, &done);
    while (!__atomic_load_n(&done, __ATOMIC_SEQ_CST)) usleep(1000);
    void *stack = aligned_alloc(4096, 1 << 18);
    pthread_attr_init(&a);
    pthread_attr_setstack(&a, stack, 1 << 18);
    done = 0;
    pthread_create(&t, &a, detached, &done);
    printf("join %d done %d\n", pthread_join(t, NULL), done);
    return 0;
}
