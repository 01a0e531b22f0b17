// pipe2(2) with O_DIRECT: each write is a packet, what is not read of one is lost.
#include "show.h"

#include <fcntl.h>
#include <unistd.h>

int main(void)
{
    static char bytes[10000];
    int p[2];
    if (pipe2(p, O_DIRECT | O_NONBLOCK)) return 1;
    printf("%o\n", fcntl(p[1], F_GETFL));
    SHOW_NUMBER(write(p[1], "one", 3));
    SHOW_NUMBER(write(p[1], "three", 5));
    SHOW_NUMBER(write(p[1], bytes, 5000));
    SHOW_NUMBER(read(p[0], bytes, 100));
    SHOW_NUMBER(read(p[0], bytes, 2));
    SHOW_NUMBER(read(p[0], bytes, 10000));
    SHOW_NUMBER(read(p[0], bytes, 10000));
    SHOW_NUMBER(read(p[0], bytes, 10000));
    return 0;
}
