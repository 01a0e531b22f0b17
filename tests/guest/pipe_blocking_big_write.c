// A write larger than the pipe waits for readers and is done as a whole; a signal cuts it short.
#include "show.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(int signo)
{
    (void)signo;
}

int main(void)
{
    static char bytes[300000];
    int p[2];
    setvbuf(stdout, 0, _IOLBF, 0);
    if (pipe(p)) return 1;
    if (fork() == 0) {
        close(p[1]);
        long total = 0;
        for (ssize_t n; (n = read(p[0], bytes, 1000)) > 0;) total += n;
        printf("read %ld\n", total);
        _exit(0);
    }
    close(p[0]);
    SHOW_NUMBER(write(p[1], bytes, sizeof bytes));
    close(p[1]);
    wait(0);
    if (pipe(p)) return 1;
    struct sigaction act = {.sa_handler = handler};
    sigaction(SIGALRM, &act, 0);
    alarm(1);
    SHOW_NUMBER(write(p[1], bytes, sizeof bytes));
    alarm(1);
    SHOW_NUMBER(write(p[1], bytes, 1));
    if (pipe(p)) return 1;
    alarm(1);
    SHOW_NUMBER(read(p[0], bytes, 1));
    return 0;
}
