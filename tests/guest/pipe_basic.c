// pipe(2): order, end of file, EPIPE and SIGPIPE.
#include "show.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static void handler(int signo)
{
    printf("signal %d\n", signo);
}

int main(void)
{
    setvbuf(stdout, 0, _IOLBF, 0);
    char text[32] = {0};
    int p[2];
    SHOW(pipe(p));
    SHOW(pipe2(p, 1));
    SHOW_NUMBER(write(p[1], "abc", 3));
    SHOW_NUMBER(write(p[1], "def", 3));
    SHOW_NUMBER(read(p[0], text, 4));
    SHOW_NUMBER(read(p[0], text + 4, 20));
    puts(text);
    SHOW_NUMBER(read(p[1], text, 1));
    SHOW_NUMBER(write(p[0], text, 1));
    SHOW_NUMBER(write(p[1], text, 0));
    close(p[1]);
    SHOW_NUMBER(read(p[0], text, 1));
    if (pipe(p)) return 1;
    close(p[0]);
    signal(SIGPIPE, handler);
    SHOW_NUMBER(write(p[1], "x", 1));
    signal(SIGPIPE, SIG_IGN);
    SHOW_NUMBER(write(p[1], "x", 1));
    SHOW_NUMBER(write(p[1], "x", 0));
    return 0;
}
