// Nice values: clamping, the raw return, inheritance, errors. SD-145 SD-147 SD-148 SD-150
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

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
    printf("which %d %d\n", setpriority(3, 0, 1), errno);
    printf("nobody %d %d\n", setpriority(PRIO_PROCESS, 999999, 1), errno);
    printf("nobody get %d %d\n", getpriority(PRIO_PGRP, 999999), errno);
    errno = 0;
    printf("group %d %d\n", setpriority(PRIO_PGRP, 0, 6), getpriority(PRIO_PGRP, 0));
    return 0;
}
