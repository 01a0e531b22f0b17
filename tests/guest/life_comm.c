// LC-008, LC-085, LC-237: names are per thread, fifteen bytes, copied by fork.
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char* who)
{
    char name[16];
    prctl(PR_GET_NAME, name);
    printf("%s: %s\n", who, name);
    fflush(stdout);
}
static void* thread(void* arg)
{
    show("thread");
    prctl(PR_SET_NAME, "other");
    show("thread");
    return NULL;
}

int main(void)
{
    prctl(PR_SET_NAME, "abcdefghijklmnopqrst");
    show("main");
    pthread_t t;
    pthread_create(&t, NULL, thread, NULL);
    pthread_join(t, NULL);
    show("main");
    if (fork() == 0) {
        show("child");
        _exit(0);
    }
    wait(NULL);
    printf("%d %d\n", prctl(PR_SET_NAME, 8L), errno == EFAULT);
    printf("%d %d\n", prctl(PR_GET_NAME, 8L), errno == EFAULT);
    return 0;
}
