// open(2): which errno wins.
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
    char long_name[300];
    memset(long_name, 'n', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = 0;
    char long_path[5000];
    memset(long_path, '/', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = 0;
    SHOW(open("none", O_RDONLY));
    SHOW(open("", O_RDONLY));
    SHOW(open("file", O_WRONLY | O_CREAT, 0600));
    SHOW(open("file", O_WRONLY | O_CREAT | O_EXCL, 0600));
    SHOW(open("file/x", O_RDONLY));
    SHOW(open("file/", O_RDONLY));
    SHOW(open("new/", O_WRONLY | O_CREAT, 0600));
    SHOW(open(".", O_WRONLY));
    SHOW(open(".", O_RDONLY | O_CREAT, 0600));
    SHOW(open("file", O_RDONLY | O_DIRECTORY));
    SHOW(symlink("file", "link"));
    SHOW(open("link", O_RDONLY | O_NOFOLLOW));
    SHOW(open("link", O_WRONLY | O_CREAT | O_EXCL, 0600));
    SHOW(symlink("self", "self"));
    SHOW(open("self", O_RDONLY));
    SHOW(open(long_name, O_RDONLY));
    SHOW(open(long_path, O_RDONLY));
    SHOW(open((char*)8, O_RDONLY));
    SHOW(symlink("dangling-target", "dangling"));
    SHOW(open("dangling", O_RDONLY));
    SHOW(open("dangling", O_WRONLY | O_CREAT, 0600));
    SHOW(access("dangling-target", F_OK));
    SHOW(openat(99, "x", O_RDONLY));
    SHOW(openat(99, "/", O_RDONLY));
    return 0;
}
