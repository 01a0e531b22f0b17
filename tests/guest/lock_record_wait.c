// F_SETLKW: waits for the other process, is interrupted, finds a deadlock.
#include "show.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static int lock(int fd, int command, short type, off_t start)
{
    struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = 1};
    return fcntl(fd, command, &l);
}

static void handler(int signo)
{
    (void)signo;
}

int main(void)
{
    setvbuf(stdout, 0, _IOLBF, 0);
    int fd = open("f", O_CREAT | O_RDWR, 0644);
    SHOW(lock(fd, F_SETLK, F_WRLCK, 0));
    pid_t child = fork();
    if (child == 0) {
        lock(fd, F_SETLK, F_WRLCK, 1);
        printf("child: %s\n", outcome(lock(fd, F_SETLK, F_WRLCK, 0)));
        const char* waited = outcome(lock(fd, F_SETLKW, F_WRLCK, 0));
        usleep(100000);
        printf("child waits: %s\n", waited);
        _exit(0);
    }
    usleep(200000);
    SHOW(lock(fd, F_SETLKW, F_WRLCK, 1));
    SHOW(lock(fd, F_SETLK, F_UNLCK, 0));
    waitpid(child, 0, 0);
    SHOW(lock(fd, F_SETLK, F_WRLCK, 0));
    child = fork();
    if (child == 0) {
        struct sigaction act = {.sa_handler = handler};
        sigaction(SIGALRM, &act, 0);
        alarm(1);
        printf("interrupted: %s\n", outcome(lock(fd, F_SETLKW, F_WRLCK, 0)));
        lock(fd, F_SETLKW, F_WRLCK, 0);
        puts("not reached");
        _exit(0);
    }
    sleep(2);
    kill(child, SIGKILL);
    waitpid(child, 0, 0);
    SHOW(lock(fd, F_SETLK, F_UNLCK, 0));
    SHOW(lock(fd, F_SETLK, F_WRLCK, 0));
    return 0;
}
