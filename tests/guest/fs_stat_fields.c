// stat(2), statx(2): the fields that do not depend on the file system.
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

int main(void)
{
    struct stat a, b;
    struct statx x;
    int fd = open("f", O_CREAT | O_RDWR, 0640);
    if (write(fd, "12345", 5) != 5) return 1;
    SHOW(fstat(fd, &a));
    SHOW(stat("f", &b));
    printf("same %d\n", a.st_ino == b.st_ino && a.st_dev == b.st_dev);
    printf("%o %ld %ld blksize %ld\n", a.st_mode, (long)a.st_nlink, (long)a.st_size, (long)a.st_blksize);
    SHOW(statx(AT_FDCWD, "f", 0, STATX_BASIC_STATS, &x));
    printf("%o %d %lld %d\n", x.stx_mode, x.stx_nlink, (long long)x.stx_size, x.stx_ino == a.st_ino);
    SHOW(statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &x));
    SHOW(statx(fd, "", 0, STATX_SIZE, &x));
    SHOW(statx(AT_FDCWD, "none", 0, STATX_SIZE, &x));
    SHOW(statx(AT_FDCWD, "f", AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC, STATX_SIZE, &x));
    SHOW(statx(AT_FDCWD, "f", 1 << 20, STATX_SIZE, &x));
    SHOW(fstatat(fd, "", &a, AT_EMPTY_PATH));
    SHOW(fstatat(fd, "x", &a, 0));
    SHOW(fstatat(AT_FDCWD, "f", &a, 1 << 20));
    SHOW(stat("/dev/null", &a));
    printf("%o %d %d\n", a.st_mode, major(a.st_rdev), minor(a.st_rdev));
    int pipes[2];
    if (pipe(pipes)) return 1;
    fstat(pipes[0], &a);
    printf("%o %ld %ld\n", a.st_mode, (long)a.st_nlink, (long)a.st_size);
    SHOW(fstat(99, &a));
    return 0;
}
