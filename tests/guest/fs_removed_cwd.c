// A working directory that was removed: nothing can be made in it.
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
    char path[4096];
    struct stat st;
    mkdir("gone", 0755);
    SHOW(chdir("gone"));
    SHOW(rmdir("../gone"));
    SHOW(getcwd(path, sizeof path) ? 0 : -1);
    SHOW(open("x", O_CREAT | O_WRONLY, 0644));
    SHOW(mkdir("x", 0755));
    SHOW(open(".", O_RDONLY));
    SHOW(stat(".", &st));
    printf("links %ld\n", (long)st.st_nlink);
    SHOW(chdir(".."));
    SHOW(stat("gone", &st));
    return 0;
}
