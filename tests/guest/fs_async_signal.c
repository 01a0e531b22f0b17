// O_ASYNC: SIGIO, or the signal of F_SETSIG with descriptor and band, to the owner (fcntl(2)).
#include "show.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int count;
static siginfo_t last;

static void on_signal(int signo, siginfo_t* info, void* context)
{
    count++;
    last = *info;
}

static void report(const char* what)
{
    printf("%s: %d", what, count);
    if (count) printf(", signal %d code %d band %lx", last.si_signo, last.si_code, last.si_band);
    printf("\n");
    count = 0;
}

int main(void)
{
    const struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigaction(SIGIO, &action, NULL);
    sigaction(SIGRTMIN + 3, &action, NULL);
    int ends[2], pair[2];
    char bytes[10];
    setpgid(0, 0);  // signals to the group are for us alone
    pipe(ends);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);

    SHOW(fcntl(ends[0], F_SETFL, O_ASYNC));
    write(ends[1], "x", 1), report("without owner");
    SHOW(fcntl(ends[0], F_SETOWN, getpid()));
    write(ends[1], "x", 1), report("readable");
    write(ends[1], "x", 1), report("again");
    SHOW(fcntl(ends[0], F_SETSIG, SIGRTMIN + 3));
    write(ends[1], "x", 1), report("with F_SETSIG");
    printf("descriptor: %d\n", last.si_fd == ends[0]);
    fcntl(ends[0], F_SETFL, 0);
    write(ends[1], "x", 1), report("off");
    fcntl(ends[1], F_SETOWN, getpid());
    fcntl(ends[1], F_SETFL, O_ASYNC);
    read(ends[0], bytes, 2), report("room");

    fcntl(pair[0], F_SETOWN, -getpgrp());
    const int on = 1;
    SHOW(ioctl(pair[0], FIOASYNC, &on));
    write(pair[1], "y", 1), report("socket, to the group");
    struct f_owner_ex owner = {F_OWNER_TID, gettid()};
    SHOW(fcntl(pair[0], F_SETOWN_EX, &owner));
    write(pair[1], "y", 1), report("socket, to the thread");
    // The owner is another process; the description is shared.
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        fcntl(pair[0], F_SETOWN, getpid());
        write(pair[1], "z", 1);
        while (!count) pause();
        report("child");
        _exit(fflush(stdout));
    }
    waitpid(child, NULL, 0);
    report("parent");
}
