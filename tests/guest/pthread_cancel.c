// Cancellation: deferred at a cancellation point, asynchronous, disabled; clean-up handlers run.
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static int fds[2];

static void cleanup(void *arg) { printf("cleanup %s\n", (char *)arg); }

static void *blocked(void *arg)
{
    char c;
    pthread_cleanup_push(cleanup, "outer");
    pthread_cleanup_push(cleanup, "inner");
    read(fds[0], &c, 1);
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
    return NULL;
}

static void *spinning(void *arg)
{
    int old;
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
    for (;;) __asm__ volatile("pause");
}

static void *disabled(void *arg)
{
    int old;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
    usleep(30000);
    pthread_testcancel();
    return "finished";
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    pipe(fds);
    void *(*bodies[])(void *) = {blocked, spinning, disabled};
    for (int i = 0; i < 3; i++) {
        pthread_t t;
        void *r;
        pthread_create(&t, NULL, bodies[i], NULL);
        usleep(10000);
        int sent = pthread_cancel(t);
        pthread_join(t, &r);
        printf("cancel %d %s\n", sent, r == PTHREAD_CANCELED ? "canceled" : (char *)r);
    }
    return 0;
}
