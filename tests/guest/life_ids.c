// LC-215 to LC-219, LC-234: changing ids; the root's capabilities come and go. Does nothing to see as a user.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char* what, long r)
{
    int error = errno;
    unsigned a, b, c;
    syscall(SYS_getresuid, &a, &b, &c);
    int death;
    prctl(PR_GET_PDEATHSIG, &death);
    printf("%s: %s, now %u %u %u, dumpable %d, death %d\n", what, r < 0 ? strerror(error) : "ok", a, b, c,
           prctl(PR_GET_DUMPABLE), death);
    fflush(stdout);
}

int main(void)
{
    if (getuid() != 0) return 0;
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, 10);
        show("start", 0);
        show("setresuid -1 -1 1000", syscall(SYS_setresuid, -1, -1, 1000));
        show("setreuid -1 1000", syscall(SYS_setreuid, -1, 1000));
        show("setuid -1", syscall(SYS_setuid, -1));
        show("back to 0", syscall(SYS_setreuid, -1, 0));
        show("setuid 1000", syscall(SYS_setuid, 1000));
        show("setuid 0", syscall(SYS_setuid, 0));
        show("setgroups", syscall(SYS_setgroups, 0, NULL));
        show("setreuid -1 55", syscall(SYS_setreuid, -1, 55));
        _exit(0);
    }
    wait(NULL);
    if (fork() == 0) {
        printf("fsuid %d %d\n", setfsuid(1000), setfsuid(-1));
        show("setreuid 1000 0", syscall(SYS_setreuid, 1000, 0));
        show("setreuid -1 1000", syscall(SYS_setreuid, -1, 1000));
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
    return 0;
}
