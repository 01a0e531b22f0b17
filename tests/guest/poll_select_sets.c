// select(2): sets, bad descriptors, time left.
#include "show.h"

#include <fcntl.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    int p[2];
    if (pipe(p)) return 1;
    int f = open("f", O_CREAT | O_RDWR, 0644);
    fd_set in, out, except;
    FD_ZERO(&in); FD_ZERO(&out); FD_ZERO(&except);
    FD_SET(p[0], &in); FD_SET(f, &in); FD_SET(p[1], &out); FD_SET(f, &except);
    SHOW_NUMBER(select(10, &in, &out, &except, &(struct timeval){0, 0}));
    printf("%d %d %d %d\n", FD_ISSET(p[0], &in), FD_ISSET(f, &in), FD_ISSET(p[1], &out), FD_ISSET(f, &except));
    FD_SET(50, &in);
    SHOW_NUMBER(select(51, &in, 0, 0, &(struct timeval){0, 0}));
    SHOW_NUMBER(select(50, &in, 0, 0, &(struct timeval){0, 0}));
    SHOW_NUMBER(select(-1, 0, 0, 0, 0));
    SHOW_NUMBER(select(1, (fd_set*)8, 0, 0, &(struct timeval){0, 0}));
    struct timeval bad = {-1, 0};
    SHOW_NUMBER(syscall(SYS_select, 0, 0, 0, 0, &bad));
    struct timeval left = {0, 20000};
    SHOW_NUMBER(select(0, 0, 0, 0, &left));
    printf("left %ld.%06ld\n", (long)left.tv_sec, (long)left.tv_usec);
    left = (struct timeval){100, 0};
    FD_ZERO(&in);
    FD_SET(f, &in);
    SHOW_NUMBER(select(f + 1, &in, 0, 0, &left));
    printf("most is left %d\n", left.tv_sec >= 99);
    return 0;
}
