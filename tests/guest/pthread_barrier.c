// Barriers, once, spin locks and read-write locks.
#include <errno.h>
#include <pthread.h>
#include <stdio.h>

static pthread_barrier_t barrier;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_spinlock_t spin;
static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static int inits, serials, rounds[3], written;

static void init(void) { inits++; }

static void *worker(void *arg)
{
    for (int r = 0; r < 3; r++) {
        pthread_once(&once, init);
        pthread_spin_lock(&spin);
        rounds[r]++;
        pthread_spin_unlock(&spin);
        if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) __atomic_add_fetch(&serials, 1, __ATOMIC_SEQ_CST);
        pthread_rwlock_rdlock(&rw);
        if (rounds[r] != 5) printf("left the barrier early\n");
        pthread_rwlock_unlock(&rw);
        pthread_rwlock_wrlock(&rw);
        written++;
        pthread_rwlock_unlock(&rw);
        pthread_barrier_wait(&barrier);
    }
    return NULL;
}

int main(void)
{
    pthread_barrier_init(&barrier, NULL, 5);
    pthread_spin_init(&spin, 0);
    pthread_t t[5];
    for (int i = 0; i < 5; i++) pthread_create(&t[i], NULL, worker, NULL);
    for (int i = 0; i < 5; i++) pthread_join(t[i], NULL);
    printf("inits %d serials %d rounds %d %d %d written %d\n", inits, serials, rounds[0], rounds[1], rounds[2], written);
    pthread_rwlock_rdlock(&rw);
    printf("try read %d, try write %d\n", pthread_rwlock_tryrdlock(&rw), pthread_rwlock_trywrlock(&rw) == EBUSY);
    return 0;
}
