// Nice values: clamping, the raw return, inheritance, errors. SD-145 SD-147 SD-148 SD-150
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char *what, long got)
{
    printf("%s %ld %d\n", what, got, got == -1 ? errno : 0);
}

int main(void)
{
    setpriority(PRIO_PROCESS, 0, 3);
    printf("raw %ld\n", syscall(SYS_getpriority, PRIO_PROCESS, 0));
    printf("nice %d\n", nice(2));
    fflush(stdout);
    if (fork() == 0) {
        printf("child %d\n", getpriority(PRIO_PROCESS, 0));
        printf("clamped %d", setpriority(PRIO_PROCESS, 0, 50));
        printf(" %d\n", getpriority(PRIO_PROCESS, 0));
        fflush(stdout);
        _exit(0);
    }
    wait(0);
    show("which", setpriority(3, 0, 1));
    show("nobody", setpriority(PRIO_PROCESS, 999999, 1));
    show("nobody get", getpriority(PRIO_PGRP, 999999));
    show("group", setpriority(PRIO_PGRP, 0, 6));
    printf("group has %d\n", getpriority(PRIO_PGRP, 0));
    return 0;
}
