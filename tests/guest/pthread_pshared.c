// Process-shared semaphores, condition variables and barriers between a parent and its children.
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared {
    sem_t ping, pong;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int turn, total;
};

int main(void)
{
    struct shared *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    sem_init(&s->ping, 1, 0);
    sem_init(&s->pong, 1, 0);
    pthread_mutexattr_t ma;
    pthread_mutexattr_init(&ma);
    pthread_mutexattr_setpshared(&ma, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&s->lock, &ma);
    pthread_condattr_t ca;
    pthread_condattr_init(&ca);
    pthread_condattr_setpshared(&ca, PTHREAD_PROCESS_SHARED);
    pthread_cond_init(&s->changed, &ca);
    if (fork() == 0) {
        for (int i = 0; i < 200; i++) {
            sem_wait(&s->ping);
            s->total += i;
            sem_post(&s->pong);
        }
        pthread_mutex_lock(&s->lock);
        while (s->turn != 1) pthread_cond_wait(&s->changed, &s->lock);
        s->turn = 2;
        pthread_cond_broadcast(&s->changed);
        pthread_mutex_unlock(&s->lock);
        _exit(7);
    }
    for (int i = 0; i < 200; i++) {
        sem_post(&s->ping);
        sem_wait(&s->pong);
    }
    printf("total %d\n", s->total);
    pthread_mutex_lock(&s->lock);
    s->turn = 1;
    pthread_cond_broadcast(&s->changed);
    while (s->turn != 2) pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
    int status;
    wait(&status);
    printf("turn %d status %d\n", s->turn, WEXITSTATUS(status));
    return 0;
}
