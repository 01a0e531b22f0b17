// pwritev2 with RWF_APPEND and others; the largest offsets of a file (pwritev2(2), lseek(2), truncate(2)).
#include "show.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void)
{
    const int fd = open("file", O_RDWR | O_CREAT, 0644);
    struct iovec vector = {"0123456789", 10};
    SHOW_NUMBER(write(fd, "first", 5));
    SHOW_NUMBER(lseek(fd, 2, SEEK_SET));
    SHOW_NUMBER(pwritev2(fd, &vector, 1, 0, RWF_APPEND));
    SHOW_NUMBER(lseek(fd, 0, SEEK_CUR));
    SHOW_NUMBER(pwritev2(fd, &vector, 1, -1, RWF_APPEND));
    SHOW_NUMBER(lseek(fd, 0, SEEK_CUR));
    char text[40] = {0};
    SHOW_NUMBER(pread(fd, text, sizeof text, 0));
    puts(text);
    SHOW_NUMBER(preadv2(fd, &vector, 1, 0, 0x4000));
    int ends[2];
    pipe(ends);
    SHOW_NUMBER(lseek(fd, 0xfffffffful * 4096, SEEK_SET) > 0);
    SHOW_NUMBER(write(fd, "x", 1));
    SHOW_NUMBER(lseek(fd, 0x7fffffffffffffff, SEEK_SET));
    SHOW_NUMBER(ftruncate(fd, 0x7fffffffffffffff));
}
