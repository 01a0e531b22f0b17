// LC-163, LC-266, LC-267: children's usage counts when they are waited for.
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void burn(void)
{
    for (volatile long i = 0; i < 40000000; i++) {
    }
}
static int used(int who)
{
    struct rusage u;
    if (getrusage(who, &u) < 0) return -1;
    return u.ru_utime.tv_sec > 0 || u.ru_utime.tv_usec > 0;
}

int main(void)
{
    printf("bad who: %d\n", used(7));
    printf("children at first: %d\n", used(RUSAGE_CHILDREN));
    if (fork() == 0) {
        burn();
        _exit(0);
    }
    siginfo_t info;
    waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
    printf("before the wait: %d\n", used(RUSAGE_CHILDREN));
    struct rusage u = {0};
    wait4(-1, NULL, 0, &u);
    printf("of the child: %d\n", u.ru_utime.tv_sec > 0 || u.ru_utime.tv_usec > 0);
    printf("after: %d\n", used(RUSAGE_CHILDREN));
    return 0;
}
