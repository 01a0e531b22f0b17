// chroot(2): names, "..", links and /proc-free paths inside; EPERM for others.
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
    char path[256];
    mkdir("r", 0755);
    mkdir("r/sub", 0755);
    close(open("r/file", O_CREAT | O_WRONLY, 0644));
    symlink("/file", "r/sub/link");
    if (getuid() != 0) {
        puts("needs root");
        return 0;
    }
    SHOW(chroot("none"));
    SHOW(chroot("r/file"));
    SHOW(chroot("r"));
    SHOW(getcwd(path, sizeof path) ? 0 : -1);
    printf("%.13s\n", path);
    SHOW(chdir("/"));
    SHOW(access("/../../file", F_OK));
    SHOW(access("sub/link", F_OK));
    SHOW(access("/etc", F_OK));
    SHOW(chdir("sub"));
    printf("%s\n", getcwd(path, sizeof path));
    if (setgid(1234) || setuid(1234)) return 1;
    SHOW(chroot("/"));
    return 0;
}
