// fcntl(2) record locks: ranges, splitting and joining, whose they are, what close does.
#include "show.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static int lock(int fd, int command, short type, off_t start, off_t length)
{
    struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    return fcntl(fd, command, &l);
}

static void ask(int fd, off_t start, off_t length)
{
    struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    if (fcntl(fd, F_GETLK, &l)) {
        printf("ask: %s\n", outcome(-1));
        return;
    }
    printf("%ld+%ld: type %d", (long)start, (long)length, l.l_type);
    if (l.l_type != F_UNLCK) printf(" %ld+%ld of the parent %d", (long)l.l_start, (long)l.l_len, l.l_pid == getppid());
    puts("");
}

static void look(int fd)
{
    fflush(stdout);
    if (fork() == 0) {
        for (int i = 0; i < 50; i += 10) ask(fd, i, 10);
        ask(fd, 0, 0);
        printf("child: %s\n", outcome(lock(fd, F_SETLK, F_WRLCK, 15, 1)));
        exit(0);
    }
    wait(0);
}

int main(void)
{
    int fd = open("f", O_CREAT | O_RDWR, 0644);
    SHOW(lock(fd, F_SETLK, F_WRLCK, 0, 30));
    SHOW(lock(fd, F_SETLK, F_UNLCK, 10, 10));
    look(fd);
    SHOW(lock(fd, F_SETLK, F_RDLCK, 5, 20));
    look(fd);
    SHOW(lock(fd, F_SETLK, F_WRLCK, 0, 0));
    look(fd);
    int other = open("f", O_RDONLY);
    SHOW(lock(other, F_SETLK, F_WRLCK, 0, 1));
    SHOW(close(other));
    look(fd);
    SHOW(lock(fd, F_SETLK, 7, 0, 1));
    SHOW(lock(fd, F_SETLK, F_RDLCK, -1, 1));
    SHOW(lock(fd, F_SETLK, F_RDLCK, 10, -5));
    SHOW(lock(fd, F_SETLK, F_RDLCK, 3, -5));
    SHOW(lock(99, F_SETLK, F_RDLCK, 0, 1));
    SHOW(fcntl(fd, F_SETLK, (void*)8));
    return 0;
}
