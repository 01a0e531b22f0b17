// unlink(2), rmdir(2), mkdir(2): refusals.
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
    mkdir("d", 0755);
    mkdir("d/e", 0755);
    close(open("f", O_CREAT | O_WRONLY, 0644));
    SHOW(unlink("none"));
    SHOW(unlink("d"));
    SHOW(unlink("f/"));
    SHOW(unlink("d/"));
    SHOW(unlink("d/."));
    SHOW(rmdir("none"));
    SHOW(rmdir("f"));
    SHOW(rmdir("d"));
    SHOW(rmdir("d/."));
    SHOW(rmdir("d/e/.."));
    SHOW(rmdir("/"));
    SHOW(mkdir("d", 0755));
    SHOW(mkdir("f", 0755));
    SHOW(mkdir("none/x", 0755));
    SHOW(mkdir("f/x", 0755));
    SHOW(mkdir("d/..", 0755));
    SHOW(mkdir("slash/", 0755));
    SHOW(unlinkat(AT_FDCWD, "d/e", 0));
    SHOW(unlinkat(AT_FDCWD, "d/e", AT_REMOVEDIR));
    SHOW(unlinkat(AT_FDCWD, "f", 0x4000));
    SHOW(unlinkat(AT_FDCWD, "f", 0));
    SHOW(rmdir("d"));
    SHOW(rmdir("slash"));
    return 0;
}
