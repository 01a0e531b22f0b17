// membarrier: the query, registration before use, errors. SD-171
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void call(const char *what, int command, int flags)
{
    errno = 0;
    long got = syscall(SYS_membarrier, command, flags, 0);
    printf("%s %ld %d\n", what, got, errno);
}

int main(void)
{
    printf("query %d\n", (syscall(SYS_membarrier, 0, 0, 0) & 25) == 25);
    call("global", 1, 0);
    call("private before", 8, 0);
    call("register", 16, 0);
    call("private after", 8, 0);
    call("unknown", 1 << 20, 0);
    call("flags", 1, 8);
    fflush(stdout);
    if (fork() == 0) {
        call("child", 8, 0);
        fflush(stdout);
        _exit(0);
    }
    wait(0);
    return 0;
}
