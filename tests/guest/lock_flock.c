// flock(2): shared, exclusive, per description, conversion, and a wait.
#include "show.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    setvbuf(stdout, 0, _IOLBF, 0);
    int a = open("f", O_CREAT | O_RDWR, 0644), b = open("f", O_RDONLY), c = dup(a);
    SHOW(flock(a, LOCK_SH));
    SHOW(flock(b, LOCK_SH | LOCK_NB));
    SHOW(flock(b, LOCK_EX | LOCK_NB));
    SHOW(flock(a, LOCK_EX | LOCK_NB));
    SHOW(flock(b, LOCK_UN));
    SHOW(flock(a, LOCK_EX | LOCK_NB));
    SHOW(flock(c, LOCK_EX | LOCK_NB));
    SHOW(flock(b, LOCK_SH | LOCK_NB));
    SHOW(flock(c, LOCK_UN));
    SHOW(flock(b, LOCK_EX | LOCK_NB));
    SHOW(flock(a, 0));
    SHOW(flock(99, LOCK_SH));
    if (fork() == 0) {
        close(b);
        int own = open("f", O_RDWR);
        printf("child: %s\n", outcome(flock(own, LOCK_EX | LOCK_NB)));
        flock(own, LOCK_EX);
        puts("child has it");
        _exit(0);
    }
    usleep(200000);
    puts("parent closes");
    close(b);
    wait(0);
    if (fork() == 0) {
        flock(a, LOCK_EX);
        _exit(0);
    }
    wait(0);
    int d = open("f", O_RDWR);
    printf("held by the shared description: %s\n", outcome(flock(d, LOCK_EX | LOCK_NB)));
    close(a);
    close(c);
    SHOW(flock(d, LOCK_EX | LOCK_NB));
    return 0;
}
