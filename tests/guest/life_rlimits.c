// LC-256, LC-265, LC-070: limits: what is refused, that fork copies them and exec keeps them.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char* what, long r)
{
    int error = errno;
    printf("%s: %s\n", what, r < 0 ? strerror(error) : "ok");
    fflush(stdout);
}

int main(int argc, char** argv)
{
    struct rlimit now = {30, 40}, old;
    if (argc > 1) {
        getrlimit(RLIMIT_NOFILE, &old);
        printf("after exec: %lu %lu\n", old.rlim_cur, old.rlim_max);
        return 0;
    }
    show("kind 16", getrlimit(16, &old));
    struct rlimit bad = {50, 40};
    show("soft above hard", setrlimit(RLIMIT_CPU, &bad));
    show("set", setrlimit(RLIMIT_NOFILE, &now));
    struct rlimit less = {20, 40};
    show("set and get", prlimit(0, RLIMIT_NOFILE, &less, &old));
    printf("old: %lu %lu\n", old.rlim_cur, old.rlim_max);
    show("nobody", prlimit(0x3ffffff, RLIMIT_NOFILE, NULL, &old));
    if (fork() == 0) {
        execl(argv[0], argv[0], "x", NULL);
        _exit(1);
    }
    wait(NULL);
    return 0;
}
