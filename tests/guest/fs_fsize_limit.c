// RLIMIT_FSIZE: short writes up to it, then SIGXFSZ and EFBIG.
#include "show.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int signals;

static void handler(int signo)
{
    signals += signo == SIGXFSZ;
}

static void limit(rlim_t bytes)
{
    struct rlimit both = {bytes, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &both);
}

/// Output may be a file too, so the limit holds for the call alone.
#define LIMITED(call)                                                                     \
    do {                                                                                  \
        limit(150);                                                                       \
        errno = 0;                                                                        \
        const long result = (long)(call);                                                 \
        const int error = errno;                                                          \
        limit(RLIM_INFINITY);                                                             \
        errno = error;                                                                    \
        printf("%s: %ld %s, signals %d\n", #call, result, outcome(result), signals);      \
    } while (0)

int main(void)
{
    setvbuf(stdout, 0, _IOLBF, 0);
    char bytes[100] = {0};
    int fd = open("f", O_CREAT | O_RDWR, 0644);
    signal(SIGXFSZ, handler);
    LIMITED(write(fd, bytes, 100));
    LIMITED(write(fd, bytes, 100));
    LIMITED(write(fd, bytes, 100));
    LIMITED(write(fd, bytes, 0));
    LIMITED(ftruncate(fd, 151));
    LIMITED(ftruncate(fd, 150));
    LIMITED(pwrite(fd, bytes, 10, 145));
    signal(SIGXFSZ, SIG_IGN);
    LIMITED(write(fd, bytes, 1));
    if (fork() == 0) {
        signal(SIGXFSZ, SIG_DFL);
        limit(150);
        if (write(fd, bytes, 1)) _exit(1);
        _exit(0);
    }
    int status;
    wait(&status);
    printf("killed by %d\n", WTERMSIG(status));
    return 0;
}
