// LC-152: a bad status pointer is found out after the child is gone.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t pid = fork();
    if (pid == 0) _exit(1);
    long r = syscall(SYS_wait4, pid, 8L, 0, 0L);
    printf("%ld %s\n", r, strerror(errno));
    r = syscall(SYS_wait4, pid, 0L, 0, 0L);
    printf("%ld %s\n", r, strerror(errno));
    return 0;
}
