// Two hundred threads at once, each waits for all; a stack overflow in a thread is SIGSEGV.
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <limits.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all = PTHREAD_COND_INITIALIZER;
static int here;

static void *worker(void *arg)
{
    pthread_mutex_lock(&lock);
    here++;
    pthread_cond_broadcast(&all);
    while (here < 200) pthread_cond_wait(&all, &lock);
    pthread_mutex_unlock(&lock);
    return arg;
}

static long deep(long n)
{
    volatile char frame[512];
    frame[0] = (char)n;
    return n == 0 ? 0 : deep(n - 1) + frame[0];
}

static void *overflow(void *arg) { return (void *)deep(1 << 20); }

int main(void)
{
    pthread_t t[200];
    pthread_attr_t a;
    pthread_attr_init(&a);
    pthread_attr_setstacksize(&a, PTHREAD_STACK_MIN + 16384);
    for (long i = 0; i < 200; i++) pthread_create(&t[i], &a, worker, (void *)i);
    long sum = 0;
    for (int i = 0; i < 200; i++) {
        void *r;
        pthread_join(t[i], &r);
        sum += (long)r;
    }
    printf("here %d sum %ld\n", here, sum);
    fflush(stdout);
    if (fork() == 0) {
        pthread_create(&t[0], NULL, overflow, NULL);
        pthread_join(t[0], NULL);
        _exit(0);
    }
    int status;
    wait(&status);
    printf("signal %d\n", WTERMSIG(status));
    return 0;
}
