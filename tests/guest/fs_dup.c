// dup(2), dup2(2), dup3(2), F_DUPFD: one description under several numbers.
#include "show.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

int main(void)
{
    char text[4] = {0};
    int fd = open("f", O_CREAT | O_RDWR, 0644);
    if (write(fd, "abcdef", 6) != 6) return 1;
    lseek(fd, 0, SEEK_SET);
    int other = dup(fd);
    printf("%d %d\n", fd, other);
    SHOW_NUMBER(read(fd, text, 2));
    SHOW_NUMBER(read(other, text, 2));
    puts(text);
    SHOW_NUMBER(dup2(fd, 10));
    SHOW_NUMBER(dup2(fd, fd));
    SHOW_NUMBER(dup2(99, 99));
    SHOW_NUMBER(dup2(fd, -1));
    SHOW_NUMBER(dup3(fd, 11, O_CLOEXEC));
    printf("%d %d\n", fcntl(10, F_GETFD), fcntl(11, F_GETFD));
    SHOW_NUMBER(dup3(fd, fd, 0));
    SHOW_NUMBER(dup3(fd, 12, 1));
    SHOW_NUMBER(fcntl(fd, F_DUPFD, 10));
    SHOW_NUMBER(fcntl(fd, F_DUPFD_CLOEXEC, 100));
    SHOW_NUMBER(fcntl(fd, F_DUPFD, -1));
    struct rlimit limit = {20, 20};
    setrlimit(RLIMIT_NOFILE, &limit);
    SHOW_NUMBER(fcntl(fd, F_DUPFD, 20));
    SHOW_NUMBER(dup2(fd, 20));
    int last = 0;
    for (int next; (next = dup(fd)) >= 0;) last = next;
    printf("last %d %s\n", last, outcome(-1));
    SHOW(close(7));
    SHOW_NUMBER(dup(fd));
    SHOW_NUMBER(open("f", O_RDONLY));
    SHOW(close(7));
    SHOW(close(7));
    return 0;
}
