// lseek(2): holes read as zeros; SEEK_DATA, SEEK_HOLE and refusals.
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
    char bytes[8];
    struct stat st;
    int fd = open("sparse", O_CREAT | O_RDWR, 0644);
    SHOW_NUMBER(pwrite(fd, "data", 4, 1 << 20));
    fstat(fd, &st);
    printf("size %ld\n", (long)st.st_size);
    SHOW_NUMBER(pread(fd, bytes, 4, 4096));
    printf("%d %d\n", bytes[0], bytes[3]);
    SHOW_NUMBER(lseek(fd, 0, SEEK_DATA));
    SHOW_NUMBER(lseek(fd, 0, SEEK_HOLE));
    SHOW_NUMBER(lseek(fd, 1 << 20, SEEK_HOLE));
    SHOW_NUMBER(lseek(fd, 2 << 20, SEEK_DATA));
    SHOW_NUMBER(lseek(fd, 10, SEEK_SET));
    SHOW_NUMBER(lseek(fd, 5, SEEK_CUR));
    SHOW_NUMBER(lseek(fd, -5, SEEK_END));
    SHOW_NUMBER(lseek(fd, -1, SEEK_SET));
    SHOW_NUMBER(lseek(fd, 0, 9));
    SHOW_NUMBER(lseek(fd, 4 << 20, SEEK_SET));
    SHOW_NUMBER(read(fd, bytes, 4));
    SHOW_NUMBER(write(fd, "x", 1));
    fstat(fd, &st);
    printf("size %ld\n", (long)st.st_size);
    int pipes[2];
    if (pipe(pipes)) return 1;
    SHOW_NUMBER(lseek(pipes[0], 0, SEEK_CUR));
    SHOW_NUMBER(pread(pipes[0], bytes, 1, 0));
    SHOW_NUMBER(pread(fd, bytes, 1, -1));
    SHOW_NUMBER(lseek(77, 0, SEEK_CUR));
    return 0;
}
