// Thread-local storage: __thread variables, keys and their destructors, errno of each thread.
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static __thread int counter = 5;
static __thread char big[10000];
static pthread_key_t key;
static int destroyed;

static void destroy(void *p)
{
    __atomic_add_fetch(&destroyed, *(int *)p, __ATOMIC_SEQ_CST);
    free(p);
}

static void *worker(void *arg)
{
    int *p = malloc(sizeof *p);
    *p = (int)(long)arg;
    pthread_setspecific(key, p);
    for (int i = 0; i < 1000; i++) counter += *p, big[i]++;
    errno = *p;
    usleep(1000);
    if (errno != *p) return (void *)-1L;
    return (void *)(long)(counter + big[999] + big[5000]);
}

int main(void)
{
    pthread_key_create(&key, destroy);
    pthread_t t[8];
    for (long i = 0; i < 8; i++) pthread_create(&t[i], NULL, worker, (void *)(i + 1));
    for (int i = 0; i < 8; i++) {
        void *r;
        pthread_join(t[i], &r);
        printf("%ld ", (long)r);
    }
    printf("\nmain %d, destroyed %d, key %p\n", counter, destroyed, pthread_getspecific(key));
    return 0;
}
