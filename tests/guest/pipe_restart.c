// SA_RESTART: a read that a handler interrupts goes on.
#include "show.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(int signo)
{
    if (write(1, "handler\n", 8) != 8) _exit(signo);
}

int main(void)
{
    char byte = 0;
    int p[2];
    setvbuf(stdout, 0, _IOLBF, 0);
    if (pipe(p)) return 1;
    struct sigaction act = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &act, 0);
    pid_t parent = getpid();
    if (fork() == 0) {
        usleep(200000);
        kill(parent, SIGUSR1);
        usleep(200000);
        if (write(p[1], "x", 1) != 1) _exit(1);
        _exit(0);
    }
    SHOW_NUMBER(read(p[0], &byte, 1));
    printf("%c\n", byte);
    wait(0);
    return 0;
}
