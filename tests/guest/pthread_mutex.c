// Mutexes: normal, recursive, error-checking; four threads add under one lock.
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long total;

static void *adder(void *arg)
{
    for (int i = 0; i < 20000; i++) {
        pthread_mutex_lock(&lock);
        total += (long)arg;
        pthread_mutex_unlock(&lock);
    }
    return arg;
}

static int of_type(int type, pthread_mutex_t *m)
{
    pthread_mutexattr_t a;
    pthread_mutexattr_init(&a);
    pthread_mutexattr_settype(&a, type);
    return pthread_mutex_init(m, &a);
}

int main(void)
{
    pthread_t t[4];
    for (long i = 0; i < 4; i++) pthread_create(&t[i], NULL, adder, (void *)(i + 1));
    long sum = 0;
    for (int i = 0; i < 4; i++) {
        void *r;
        pthread_join(t[i], &r);
        sum += (long)r;
    }
    printf("total %ld joined %ld\n", total, sum);
    pthread_mutex_t m;
    of_type(PTHREAD_MUTEX_RECURSIVE, &m);
    printf("recursive %d %d %d %d\n", pthread_mutex_lock(&m), pthread_mutex_lock(&m), pthread_mutex_unlock(&m), pthread_mutex_unlock(&m));
    of_type(PTHREAD_MUTEX_ERRORCHECK, &m);
    pthread_mutex_lock(&m);
    printf("again %s, ", strerror(pthread_mutex_lock(&m)));
    pthread_mutex_unlock(&m);
    printf("unlock of unlocked %s\n", strerror(pthread_mutex_unlock(&m)));
    struct timespec past = {1, 0};
    pthread_mutex_lock(&lock);
    printf("timed %s, try %s\n", strerror(pthread_mutex_timedlock(&lock, &past)), strerror(pthread_mutex_trylock(&lock)));
    return 0;
}
