// glibc's mutexes, condition variables, barriers and semaphores under contention. SD-070
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>

enum { threads = 8, rounds = 500 };
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static sem_t sem;
static long counter, turn, passed;

static void *work(void *p)
{
    long me = (long)p;
    for (int i = 0; i < rounds; ++i) {
        pthread_mutex_lock(&m);
        ++counter;
        pthread_mutex_unlock(&m);
    }
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 20; ++i) {
        pthread_mutex_lock(&m);
        while (turn % threads != me) pthread_cond_wait(&c, &m);
        ++turn;
        pthread_cond_broadcast(&c);
        pthread_mutex_unlock(&m);
    }
    sem_wait(&sem);
    __sync_fetch_and_add(&passed, 1);
    sem_post(&sem);
    return 0;
}

int main(void)
{
    pthread_t t[threads];
    pthread_barrier_init(&barrier, 0, threads);
    sem_init(&sem, 0, 2);
    for (long i = 0; i < threads; ++i) pthread_create(&t[i], 0, work, (void *)i);
    for (int i = 0; i < threads; ++i) pthread_join(t[i], 0);
    printf("counter %ld turn %ld passed %ld\n", counter, turn, passed);
    return 0;
}
