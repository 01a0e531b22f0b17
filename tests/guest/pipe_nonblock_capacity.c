// A full pipe: 64 KiB of pages, EAGAIN, and how small writes share the last page.
#include "show.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int fill(int fd, const char* bytes, size_t size)
{
    int count = 0;
    while (write(fd, bytes, size) == (ssize_t)size) ++count;
    return count;
}

int main(void)
{
    static char bytes[70000];
    int p[2], ready;
    if (pipe2(p, O_NONBLOCK)) return 1;
    SHOW_NUMBER(read(p[0], bytes, 1));
    printf("one byte: %d times\n", fill(p[1], bytes, 1));
    SHOW_NUMBER(read(p[0], bytes, sizeof bytes));
    printf("a page: %d times\n", fill(p[1], bytes, 4096));
    SHOW_NUMBER(read(p[0], bytes, 4095));
    SHOW_NUMBER(write(p[1], bytes, 1));
    SHOW_NUMBER(read(p[0], bytes, 1));
    SHOW_NUMBER(write(p[1], bytes, 1));
    SHOW_NUMBER(write(p[1], bytes, 4095));
    SHOW_NUMBER(write(p[1], bytes, 1));
    ioctl(p[0], FIONREAD, &ready);
    printf("%d bytes ready\n", ready);
    SHOW_NUMBER(read(p[0], bytes, sizeof bytes));
    printf("3000 bytes: %d times\n", fill(p[1], bytes, 3000));
    SHOW_NUMBER(read(p[0], bytes, sizeof bytes));
    SHOW_NUMBER(write(p[1], bytes, 70000));
    SHOW_NUMBER(read(p[0], bytes, 10000));
    SHOW_NUMBER(write(p[1], bytes, 70000));
    return 0;
}
