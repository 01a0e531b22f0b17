// fallocate(2): growing, keeping the size, punching holes, zeroing.
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void size_of(int fd)
{
    struct stat st;
    fstat(fd, &st);
    printf("size %ld\n", (long)st.st_size);
}

int main(void)
{
    char bytes[8];
    int fd = open("f", O_CREAT | O_RDWR, 0644);
    SHOW(fallocate(fd, 0, 0, 10000));
    size_of(fd);
    SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 100000));
    size_of(fd);
    for (int i = 0; i < 10000; ++i)
        if (pwrite(fd, "d", 1, i) != 1) return 1;
    SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4094, 4));
    SHOW_NUMBER(pread(fd, bytes, 8, 4092));
    for (int i = 0; i < 8; ++i) printf("%d ", bytes[i]);
    puts("");
    SHOW(fallocate(fd, FALLOC_FL_ZERO_RANGE, 9998, 10));
    size_of(fd);
    SHOW_NUMBER(pread(fd, bytes, 4, 9996));
    printf("%d %d %d %d\n", bytes[0], bytes[1], bytes[2], bytes[3]);
    SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 10));
    SHOW(fallocate(fd, 0, -1, 10));
    SHOW(fallocate(fd, 0, 0, 0));
    SHOW(fallocate(99, 0, 0, 1));
    SHOW(fallocate(open("f", O_RDONLY), 0, 0, 1));
    SHOW(posix_fallocate(fd, 0, 20000));
    size_of(fd);
    return 0;
}
