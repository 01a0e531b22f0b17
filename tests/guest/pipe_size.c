// F_SETPIPE_SZ: rounding, refusals, contents kept.
#include "show.h"

#include <fcntl.h>
#include <unistd.h>

int main(void)
{
    static char bytes[200000];
    int p[2];
    if (pipe2(p, O_NONBLOCK)) return 1;
    SHOW_NUMBER(fcntl(p[0], F_GETPIPE_SZ));
    SHOW_NUMBER(fcntl(p[1], F_SETPIPE_SZ, 100000));
    SHOW_NUMBER(write(p[1], "head", 4));
    SHOW_NUMBER(write(p[1], bytes, sizeof bytes));
    SHOW_NUMBER(fcntl(p[1], F_SETPIPE_SZ, 4096));
    SHOW_NUMBER(read(p[0], bytes, 100000));
    printf("%.4s\n", bytes);
    SHOW_NUMBER(fcntl(p[1], F_SETPIPE_SZ, 65536));
    SHOW_NUMBER(read(p[0], bytes, sizeof bytes));
    SHOW_NUMBER(fcntl(p[1], F_SETPIPE_SZ, 1));
    SHOW_NUMBER(write(p[1], bytes, 10000));
    SHOW_NUMBER(fcntl(p[1], F_SETPIPE_SZ, 0));
    SHOW_NUMBER(fcntl(p[1], F_SETPIPE_SZ, -1));
    return 0;
}
