// LC-118: an exec that fails leaves threads and descriptors as they were.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int go[2];

static void* thread(void* arg)
{
    char c;
    read(go[0], &c, 1);
    printf("thread still here\n");
    return NULL;
}

int main(void)
{
    pipe2(go, O_CLOEXEC);
    pthread_t t;
    pthread_create(&t, NULL, thread, NULL);
    char* argv[] = {"x", NULL};
    execve("/nowhere", argv, argv + 1);
    printf("%s\n", strerror(errno));
    write(go[1], "x", 1);
    pthread_join(t, NULL);
    return 0;
}
