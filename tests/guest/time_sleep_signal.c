// A relative sleep interrupted by a handler tells the rest; by stop and continue it goes on. SD-203 SG-158
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void nothing(int s)
{
    (void)s;
}

static void sleeper(int report)
{
    struct timespec request = {1, 0}, rest = {0, 0};
    int got = nanosleep(&request, &rest);
    int error = got ? errno : 0;
    struct timespec zero = {0, 0};
    (void)zero;
    char c[3] = {got ? 'i' : 'd', error == EINTR ? 'E' : '-', rest.tv_nsec > 0 ? 'r' : '-'};
    write(report, c, 3);
    _exit(0);
}

static void try(int first, int second)
{
    int p[2];
    char c[3];
    struct timespec tenth = {0, 100000000};
    pipe(p);
    int pid = fork();
    if (pid == 0) sleeper(p[1]);
    nanosleep(&tenth, 0);
    kill(pid, first);
    if (second) {
        nanosleep(&tenth, 0);
        kill(pid, second);
    }
    read(p[0], c, 3);
    printf("%c%c%c\n", c[0], c[1], c[2]);
    waitpid(pid, 0, 0);
    close(p[0]);
    close(p[1]);
}

int main(void)
{
    struct sigaction restart = {.sa_handler = nothing, .sa_flags = SA_RESTART};
    signal(SIGUSR1, nothing);
    siginterrupt(SIGUSR1, 1);
    sigaction(SIGUSR2, &restart, 0);
    try(SIGUSR1, 0);
    try(SIGUSR2, 0);
    try(SIGSTOP, SIGCONT);
    try(SIGCHLD, 0);
    return 0;
}
