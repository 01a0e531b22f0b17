// LC-055, LC-057: a vfork parent sleeps until its child execs or ends; memory is shared; clone with
// CLONE_VM alone drops the alternate stack.
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int shared;
static char stack[65536];

static int child(void* arg)
{
    stack_t now;
    sigaltstack(NULL, &now);
    shared = now.ss_flags;
    return 3;
}

int main(void)
{
    volatile int step = 0;
    pid_t pid = vfork();
    if (pid == 0) {
        usleep(10000);
        step = 1;
        execl("/nowhere", "x", NULL);
        step = 2;
        _exit(4);
    }
    int status;
    printf("step %d\n", step);
    waitpid(pid, &status, 0);
    printf("%04x\n", status);

    stack_t alt = {.ss_sp = malloc(16384), .ss_size = 16384};
    sigaltstack(&alt, NULL);
    pid = clone(child, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL);
    waitpid(pid, &status, 0);
    printf("CLONE_VM: flags %d, status %04x\n", shared, status);
    pid = clone(child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
    printf("with CLONE_VFORK: flags %d\n", shared);
    waitpid(pid, &status, 0);
    return 0;
}
