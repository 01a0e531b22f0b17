// Robust and process-shared mutexes: the owner dies (a thread, then a process) and the next one is told.
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t *m;

static void *dies(void *arg)
{
    pthread_mutex_lock(m);
    return NULL;
}

int main(void)
{
    m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_t a;
    pthread_mutexattr_init(&a);
    pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(m, &a);
    pthread_t t;
    pthread_create(&t, NULL, dies, NULL);
    pthread_join(t, NULL);
    printf("thread: %s\n", strerror(pthread_mutex_lock(m)));
    printf("consistent %d unlock %d\n", pthread_mutex_consistent(m), pthread_mutex_unlock(m));
    if (fork() == 0) {
        pthread_mutex_lock(m);
        _exit(0);
    }
    wait(NULL);
    printf("process: %s\n", strerror(pthread_mutex_lock(m)));
    pthread_mutex_unlock(m);
    printf("not made consistent: %s\n", strerror(pthread_mutex_lock(m)));
    return 0;
}
