// utimensat(2), futimens, utimes(2): times that are set, kept and of now.
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>

static void times(const char* path)
{
    struct stat st;
    lstat(path, &st);
    printf("%ld.%09ld %ld.%09ld\n", st.st_atim.tv_sec, st.st_atim.tv_nsec, st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

int main(void)
{
    int fd = open("f", O_CREAT | O_RDWR, 0644);
    symlink("f", "l");
    struct timespec set[2] = {{1000, 5}, {2000, 999999999}};
    SHOW(utimensat(AT_FDCWD, "f", set, 0));
    times("f");
    struct timespec keep[2] = {{0, UTIME_OMIT}, {3000, 0}};
    SHOW(futimens(fd, keep));
    times("f");
    struct timespec bad[2] = {{0, 1000000000}, {0, 0}};
    SHOW(utimensat(AT_FDCWD, "f", bad, 0));
    SHOW(utimensat(AT_FDCWD, "none", set, 0));
    SHOW(utimensat(AT_FDCWD, "l", set, AT_SYMLINK_NOFOLLOW));
    times("l");
    struct timeval micro[2] = {{50, 7}, {60, 8}};
    SHOW(utimes("l", micro));
    times("f");
    struct utimbuf old = {70, 80};
    SHOW(utime("f", &old));
    times("f");
    struct timespec negative[2] = {{-10, 5}, {-20, 0}};
    SHOW(utimensat(AT_FDCWD, "f", negative, 0));
    times("f");
    SHOW(utimensat(AT_FDCWD, "f", 0, 0));
    struct stat st;
    stat("f", &st);
    printf("%d\n", st.st_mtim.tv_sec > 1000000);
    SHOW(utimensat(AT_FDCWD, "f", set, 0x4000));
    return 0;
}
