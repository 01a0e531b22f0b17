// Open files follow their names: rename, unlink, and a directory moved under an open one.
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void name_of(int fd)
{
    char link[64], path[4096], top[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0 || !getcwd(top, sizeof top)) return;
    path[n] = 0;
    puts(strncmp(path, top, strlen(top)) ? path : path + strlen(top));
}

int main(void)
{
    mkdir("a", 0755);
    mkdir("b", 0755);
    int fd = open("a/f", O_CREAT | O_RDWR, 0644), dir = open("a", O_RDONLY);
    name_of(fd);
    SHOW(rename("a/f", "b/g"));
    name_of(fd);
    SHOW(rename("b", "a/b"));
    name_of(fd);
    SHOW(unlink("a/b/g"));
    name_of(fd);
    SHOW(rmdir("a/b"));
    SHOW(rmdir("a"));
    name_of(dir);
    SHOW(openat(dir, "x", O_CREAT | O_RDWR, 0644));
    return 0;
}
