// open(2): O_APPEND, O_TRUNC, O_CLOEXEC, O_PATH and what F_GETFL shows of them.
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
    char text[16] = {0};
    int fd = open("file", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    printf("flags %o cloexec %d\n", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
    SHOW_NUMBER(write(fd, "one", 3));
    SHOW_NUMBER(lseek(fd, 0, SEEK_SET));
    SHOW_NUMBER(write(fd, "two", 3));
    SHOW_NUMBER(pwrite(fd, "three", 5, 0));
    SHOW_NUMBER(pread(fd, text, 15, 0));
    puts(text);
    SHOW(fcntl(fd, F_SETFL, O_NONBLOCK));
    printf("flags %o\n", fcntl(fd, F_GETFL));
    int other = open("file", O_RDONLY | O_TRUNC);
    struct stat st;
    fstat(other, &st);
    printf("size %ld\n", (long)st.st_size);
    int path = open("file", O_PATH);
    printf("path flags %o\n", fcntl(path, F_GETFL));
    SHOW_NUMBER(read(path, text, 1));
    SHOW(fchmod(path, 0600));
    SHOW(fstat(path, &st));
    SHOW(fcntl(path, F_SETFL, 0));
    SHOW(close(path));
    SHOW_NUMBER(read(open("file", O_WRONLY), text, 1));
    SHOW_NUMBER(write(open("file", O_RDONLY), text, 1));
    return 0;
}
