// A thread that reads keeps the pipe although another one closes the descriptor.
#include "show.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

static int p[2];

static void* reader(void* unused)
{
    char byte = 0;
    long n = read(p[0], &byte, 1);
    usleep(100000);
    printf("read %ld %c\n", n, byte);
    return unused;
}

int main(void)
{
    pthread_t thread;
    if (pipe(p)) return 1;
    pthread_create(&thread, 0, reader, 0);
    usleep(100000);
    int fd = p[0];
    SHOW(close(fd));
    SHOW_NUMBER(write(p[1], "x", 1));
    pthread_join(thread, 0);
    signal(13, (void (*)(int))1);
    SHOW_NUMBER(write(p[1], "y", 1));
    return 0;
}
