// F_OFD_SETLK: locks of open file descriptions, against each other and against record locks.
#include "show.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static int lock(int fd, int command, short type)
{
    struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_len = 10};
    int result = fcntl(fd, command, &l);
    if (result == 0 && (command == F_OFD_GETLK || command == F_GETLK)) printf("type %d pid %d\n", l.l_type, l.l_type == F_UNLCK ? 0 : l.l_pid);
    return result;
}

int main(void)
{
    int a = open("f", O_CREAT | O_RDWR, 0644), b = open("f", O_RDWR);
    SHOW(lock(a, F_OFD_SETLK, F_WRLCK));
    SHOW(lock(b, F_OFD_SETLK, F_WRLCK));
    SHOW(lock(b, F_SETLK, F_RDLCK));
    SHOW(lock(b, F_OFD_GETLK, F_RDLCK));
    SHOW(lock(b, F_GETLK, F_RDLCK));
    SHOW(lock(a, F_OFD_SETLK, F_UNLCK));
    SHOW(lock(b, F_SETLK, F_WRLCK));
    SHOW(lock(a, F_OFD_SETLK, F_RDLCK));
    SHOW(lock(b, F_SETLK, F_UNLCK));
    SHOW(lock(a, F_OFD_SETLKW, F_RDLCK));
    SHOW(lock(b, F_OFD_SETLK, F_RDLCK));
    SHOW(lock(b, F_OFD_SETLK, F_WRLCK));
    close(a);
    SHOW(lock(b, F_OFD_SETLK, F_WRLCK));
    struct flock with_pid = {.l_type = F_RDLCK, .l_len = 1, .l_pid = 5};
    SHOW(fcntl(b, F_OFD_SETLK, &with_pid));
    return 0;
}
