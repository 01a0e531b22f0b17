// Threads share descriptors, a forked child has its own; both share positions.
#include "show.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static void* closer(void* fd)
{
    close(*(int*)fd);
    return (void*)(long)open("f", O_RDONLY);
}

int main(void)
{
    char text[8] = {0};
    int fd = open("f", O_CREAT | O_RDWR, 0644), other = dup(fd);
    if (write(fd, "abcdef", 6) != 6) return 1;
    pthread_t thread;
    void* opened;
    pthread_create(&thread, 0, closer, &other);
    pthread_join(thread, &opened);
    printf("same number %d\n", (int)(long)opened == other);
    SHOW_NUMBER(read(other, text, 2));
    lseek(fd, 0, SEEK_SET);
    if (fork() == 0) {
        if (read(fd, text, 3) != 3) _exit(1);
        close(fd);
        _exit(0);
    }
    wait(0);
    SHOW_NUMBER(read(fd, text, 8));
    printf("%.3s\n", text);
    return 0;
}
