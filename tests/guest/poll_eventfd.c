// eventfd(2): counting, semaphores, readiness.
#include "show.h"

#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int ready(int fd)
{
    struct pollfd p = {fd, POLLIN | POLLOUT, 0};
    poll(&p, 1, 0);
    return p.revents;
}

int main(void)
{
    uint64_t value = 0;
    int fd = eventfd(2, EFD_NONBLOCK | EFD_CLOEXEC);
    printf("%o %d\n", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
    printf("ready %x\n", ready(fd));
    SHOW_NUMBER(read(fd, &value, 8));
    printf("%lu ready %x\n", (unsigned long)value, ready(fd));
    SHOW_NUMBER(read(fd, &value, 8));
    value = 5;
    SHOW_NUMBER(write(fd, &value, 8));
    SHOW_NUMBER(write(fd, &value, 8));
    SHOW_NUMBER(read(fd, &value, 8));
    printf("%lu\n", (unsigned long)value);
    SHOW_NUMBER(read(fd, &value, 7));
    SHOW_NUMBER(write(fd, &value, 4));
    value = UINT64_MAX;
    SHOW_NUMBER(write(fd, &value, 8));
    value = UINT64_MAX - 1;
    SHOW_NUMBER(write(fd, &value, 8));
    printf("ready %x\n", ready(fd));
    value = 1;
    SHOW_NUMBER(write(fd, &value, 8));
    int sem = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
    for (int i = 0; i < 3; ++i) {
        value = 9;
        SHOW_NUMBER(read(sem, &value, 8));
        printf("%lu\n", (unsigned long)value);
    }
    SHOW(eventfd(0, 4));
    SHOW_NUMBER(lseek(sem, 0, SEEK_SET));
    return 0;
}
