// splice(2), tee(2), vmsplice(2).
#include "show.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void)
{
    char text[32] = {0};
    int a[2], b[2];
    if (pipe2(a, O_NONBLOCK) || pipe2(b, O_NONBLOCK)) return 1;
    int f = open("f", O_CREAT | O_RDWR, 0644);
    if (write(f, "0123456789", 10) != 10) return 1;
    loff_t at = 2;
    SHOW_NUMBER(splice(f, &at, a[1], 0, 5, 0));
    printf("%ld\n", (long)at);
    SHOW_NUMBER(tee(a[0], b[1], 3, 0));
    SHOW_NUMBER(read(b[0], text, 10));
    SHOW_NUMBER(splice(a[0], 0, b[1], 0, 4, 0));
    SHOW_NUMBER(read(b[0], text, 10));
    puts(text);
    at = 20;
    SHOW_NUMBER(splice(a[0], 0, f, &at, 10, 0));
    SHOW_NUMBER(splice(a[0], 0, f, &at, 10, SPLICE_F_NONBLOCK));
    SHOW_NUMBER(splice(f, 0, f, 0, 10, 0));
    SHOW_NUMBER(splice(a[0], &at, f, 0, 10, 0));
    SHOW_NUMBER(tee(f, a[1], 10, 0));
    SHOW_NUMBER(tee(a[0], a[1], 10, 0));
    struct iovec v = {"vms", 3};
    SHOW_NUMBER(vmsplice(a[1], &v, 1, 0));
    SHOW_NUMBER(read(a[0], text, 10));
    close(a[1]);
    SHOW_NUMBER(splice(a[0], 0, f, 0, 10, 0));
    return 0;
}
