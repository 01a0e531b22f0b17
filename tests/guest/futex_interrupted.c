// A signal in a futex wait: with and without timeout, with and without SA_RESTART. SG-161 SG-162
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int word;
static void nothing(int s)
{
    (void)s;
    word = 1;
}

static void try(const char *what, int flags, int timed)
{
    fflush(stdout);
    int pid = fork();
    if (pid == 0) {
        struct timespec t = {1, 0};
        struct sigaction sa = {.sa_handler = nothing, .sa_flags = flags};
        sigaction(SIGUSR1, &sa, 0);
        long got = syscall(SYS_futex, &word, FUTEX_WAIT, 0, timed ? &t : 0, 0, 0);
        printf("%s %ld %d\n", what, got, got ? errno : 0);
        fflush(stdout);
        _exit(0);
    }
    struct timespec nap = {0, 200000000};
    nanosleep(&nap, 0);
    kill(pid, SIGSTOP);
    kill(pid, SIGCONT);
    nanosleep(&nap, 0);
    kill(pid, SIGUSR1);
    waitpid(pid, 0, 0);
}

int main(void)
{
    try("plain", 0, 0);
    try("restart", SA_RESTART, 0);
    try("timed", 0, 1);
    try("timed restart", SA_RESTART, 1);
    return 0;
}
