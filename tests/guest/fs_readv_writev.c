// readv(2), writev(2), preadv(2): pieces, bad pieces, too many of them.
#include "show.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void)
{
    char a[4] = {0}, b[8] = {0};
    int fd = open("f", O_CREAT | O_RDWR, 0644);
    struct iovec out[3] = {{"abc", 3}, {"", 0}, {"defgh", 5}};
    struct iovec in[2] = {{a, 3}, {b, 7}};
    SHOW_NUMBER(writev(fd, out, 3));
    SHOW_NUMBER(lseek(fd, 0, SEEK_SET));
    SHOW_NUMBER(readv(fd, in, 2));
    printf("%s %s\n", a, b);
    SHOW_NUMBER(preadv(fd, in, 2, 4));
    printf("%.3s %.1s\n", a, b);
    SHOW_NUMBER(pwritev(fd, out, 1, 8));
    SHOW_NUMBER(preadv(fd, in, 2, -1));
    struct iovec bad[2] = {{"xyz", 3}, {(void*)8, 4}};
    SHOW_NUMBER(lseek(fd, 0, SEEK_SET));
    SHOW_NUMBER(writev(fd, bad, 2));
    bad[0].iov_base = (void*)8;
    SHOW_NUMBER(writev(fd, bad, 2));
    SHOW_NUMBER(writev(fd, out, 0));
    SHOW_NUMBER(writev(fd, out, -1));
    SHOW_NUMBER(writev(fd, out, 1025));
    struct iovec huge[1] = {{a, (size_t)-1}};
    SHOW_NUMBER(readv(fd, huge, 1));
    SHOW_NUMBER(preadv2(fd, in, 1, 0, 0));
    SHOW_NUMBER(preadv2(fd, in, 1, -1, 0));
    return 0;
}
