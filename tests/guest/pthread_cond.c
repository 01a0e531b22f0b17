// Condition variables: a bounded buffer between producers and consumers, broadcast, timed wait.
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER, not_empty = PTHREAD_COND_INITIALIZER;
static int buffer[4], count, in, out;
static long consumed;

static void *producer(void *arg)
{
    for (int i = 1; i <= 500; i++) {
        pthread_mutex_lock(&lock);
        while (count == 4) pthread_cond_wait(&not_full, &lock);
        buffer[in++ % 4] = i;
        count++;
        pthread_cond_signal(&not_empty);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

static void *consumer(void *arg)
{
    for (int i = 0; i < 500; i++) {
        pthread_mutex_lock(&lock);
        while (count == 0) pthread_cond_wait(&not_empty, &lock);
        consumed += buffer[out++ % 4];
        count--;
        pthread_cond_broadcast(&not_full);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

int main(void)
{
    pthread_t t[4];
    for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, i % 2 ? consumer : producer, NULL);
    for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
    printf("consumed %ld left %d\n", consumed, count);
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    ts.tv_nsec += 20000000;
    if (ts.tv_nsec >= 1000000000) ts.tv_sec++, ts.tv_nsec -= 1000000000;
    pthread_mutex_lock(&lock);
    printf("timed out %d\n", pthread_cond_timedwait(&not_empty, &lock, &ts) == ETIMEDOUT);
    pthread_condattr_t a;
    pthread_condattr_init(&a);
    pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
    pthread_cond_t mono;
    pthread_cond_init(&mono, &a);
    clock_gettime(CLOCK_MONOTONIC, &ts);
    printf("timed out %d\n", pthread_cond_timedwait(&mono, &lock, &ts) == ETIMEDOUT);
    return 0;
}
