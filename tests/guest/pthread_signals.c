// Signals and threads: pthread_kill, masks per thread, sigwait in a thread, process-directed choice.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static __thread int me;
static volatile int hit_in;

static void handler(int sig) { hit_in = me; }

static void *waiter(void *arg)
{
    sigset_t set;
    int sig;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigwait(&set, &sig);
    return (void *)(long)sig;
}

static void *receiver(void *arg)
{
    sigset_t set;
    me = 2;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    while (!hit_in) usleep(1000);
    return NULL;
}

int main(void)
{
    me = 1;
    signal(SIGUSR1, handler);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pthread_t w, r;
    void *result;
    pthread_create(&w, NULL, waiter, NULL);
    pthread_create(&r, NULL, receiver, NULL);
    usleep(20000);
    kill(getpid(), SIGUSR2);
    pthread_join(w, &result);
    printf("sigwait got %ld\n", (long)result);
    kill(getpid(), SIGUSR1);
    pthread_join(r, NULL);
    printf("handler ran in thread %d\n", hit_in);
    pthread_kill(pthread_self(), SIGUSR1);
    sigpending(&set);
    printf("pending here %d\n", sigismember(&set, SIGUSR1));
    return 0;
}
