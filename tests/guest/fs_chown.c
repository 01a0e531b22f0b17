// chown(2): who may; setuid bits go.
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    setvbuf(stdout, 0, _IOLBF, 0);
    struct stat st;
    int fd = open("f", O_CREAT | O_RDWR, 0755);
    fchmod(fd, 06755);
    SHOW(chown("f", (uid_t)-1, (gid_t)-1));
    SHOW(chown("f", getuid(), getgid()));
    stat("f", &st);
    printf("%o\n", st.st_mode);
    SHOW(chown("none", 0, 0));
    SHOW(symlink("none", "l"));
    SHOW(lchown("l", getuid(), getgid()));
    SHOW(chown("l", getuid(), getgid()));
    SHOW(fchownat(fd, "", getuid(), (gid_t)-1, AT_EMPTY_PATH));
    SHOW(fchown(99, 0, 0));
    if (fork() == 0) {
        if (getuid() == 0 && (chown("f", 1234, 1234) || setgid(1234) || setuid(1234))) _exit(1);
        SHOW(chown("f", 4321, (gid_t)-1));
        SHOW(chown("f", getuid(), (gid_t)-1));
        SHOW(chown("f", (uid_t)-1, 4321));
        SHOW(chmod("/", 0755));
        _exit(0);
    }
    wait(0);
    return 0;
}
