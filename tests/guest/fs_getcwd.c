// chdir(2), fchdir(2), getcwd(2).
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void here(const char* top)
{
    char path[4096];
    if (!getcwd(path, sizeof path)) return;
    puts(strncmp(path, top, strlen(top)) ? path : path + strlen(top));
}

int main(void)
{
    char top[4096], small[4];
    if (!getcwd(top, sizeof top)) return 1;
    mkdir("a", 0755);
    mkdir("a/b", 0755);
    symlink("a/b", "l");
    close(open("f", O_CREAT | O_WRONLY, 0644));
    int fd = open(".", O_RDONLY);
    SHOW(chdir("l"));
    here(top);
    SHOW(chdir(".."));
    here(top);
    SHOW(rename("../a", "../c"));
    here(top);
    SHOW(fchdir(fd));
    here(top);
    SHOW(chdir("none"));
    SHOW(chdir("f"));
    SHOW(fchdir(99));
    SHOW(fchdir(open("f", O_RDONLY)));
    SHOW(chdir("/"));
    here("");
    SHOW(chdir(".."));
    here("");
    SHOW_NUMBER(syscall(SYS_getcwd, small, 1));
    SHOW_NUMBER(syscall(SYS_getcwd, small, 2));
    fchdir(fd);
    SHOW_NUMBER(syscall(SYS_getcwd, small, 4));
    return 0;
}
