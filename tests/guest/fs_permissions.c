// Permission bits, seen by the owner (and by root, for whom they are not there).
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void look(void)
{
    struct stat st;
    SHOW(open("f000", O_RDONLY));
    SHOW(open("f400", O_WRONLY));
    SHOW(open("f200", O_RDONLY));
    SHOW(stat("d600/in", &st));
    SHOW(open("d400", O_RDONLY | O_DIRECTORY));
    SHOW(open("d300", O_RDONLY | O_DIRECTORY));
    SHOW(open("d300/new", O_CREAT | O_WRONLY, 0600));
    SHOW(open("d500/new", O_CREAT | O_WRONLY, 0600));
    SHOW(unlink("d500/in"));
    SHOW(access("f400", R_OK));
    SHOW(access("f400", W_OK));
    SHOW(access("f400", X_OK));
    SHOW(access("none", F_OK));
    SHOW(access("f400", 8));
    SHOW(chdir("d600"));
    SHOW(execl("f400", "f400", (char*)0));
}

int main(void)
{
    setvbuf(stdout, 0, _IOLBF, 0);
    const char* dirs[] = {"d600", "d400", "d300", "d500"};
    if (getuid() == 0 && chown(".", 1234, 1234)) return 1;
    if (getuid() == 0 && (setgid(1234) || setuid(1234))) return 1;
    for (int i = 0; i < 4; ++i) {
        char in[16];
        mkdir(dirs[i], 0700);
        snprintf(in, sizeof in, "%s/in", dirs[i]);
        close(open(in, O_CREAT | O_WRONLY, 0600));
        chmod(dirs[i], (mode_t)strtol(dirs[i] + 1, 0, 8));
    }
    close(open("f000", O_CREAT | O_WRONLY, 0));
    close(open("f400", O_CREAT | O_WRONLY, 0400));
    close(open("f200", O_CREAT | O_WRONLY, 0200));
    look();
    for (int i = 0; i < 4; ++i) chmod(dirs[i], 0700);
    return 0;
}
