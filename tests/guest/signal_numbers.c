// SG-001, SG-008, SG-023, LC-222: numbers that senders and sigaction refuse.
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void show(const char* what, long r)
{
    int error = errno;
    printf("%s: %s\n", what, r < 0 ? strerror(error) : "ok");
}

int main(void)
{
    struct sigaction act = {.sa_handler = SIG_DFL};
    show("kill 0", kill(getpid(), 0));
    show("kill 65", kill(getpid(), 65));
    show("kill -1", kill(getpid(), -1));
    show("nobody", kill(0x3ffffff, 0));
    show("INT_MIN", kill(INT_MIN, 0));
    show("nobody's group", kill(-0x3ffffff, 0));
    show("tgkill 0", syscall(SYS_tgkill, 0, getpid(), 0));
    show("tgkill wrong group", syscall(SYS_tgkill, getppid(), getpid(), 0));
    show("tkill 0", syscall(SYS_tkill, 0, 0));
    show("action of KILL", sigaction(SIGKILL, &act, NULL));
    show("query of KILL", sigaction(SIGKILL, NULL, &act));
    show("action of STOP", sigaction(SIGSTOP, &act, NULL));
    show("action of 65", syscall(SYS_rt_sigaction, 65, NULL, NULL, 8));
    show("set size", syscall(SYS_rt_sigaction, 1, NULL, NULL, 4));
    show("mask size", syscall(SYS_rt_sigprocmask, 0, NULL, NULL, 16));
    show("how 7 without a set", syscall(SYS_rt_sigprocmask, 7, NULL, NULL, 8));
    sigset_t set;
    sigfillset(&set);
    show("how 7", syscall(SYS_rt_sigprocmask, 7, &set, NULL, 8));
    show("pending of 4 bytes", syscall(SYS_rt_sigpending, &set, 4));
    show("pending of 16 bytes", syscall(SYS_rt_sigpending, &set, 16));
    return 0;
}
