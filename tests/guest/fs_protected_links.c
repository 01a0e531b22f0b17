// fs.protected_hardlinks: who neither owns a file nor can write it gives it no further name (proc(5)).
#include "show.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    chmod(".", 0777);
    umask(0);
    close(creat("readable", 0644)), close(creat("writable", 0666)), close(creat("setuid", 06666));
    chmod("setuid", 04666);
    close(creat("own", 0400));
    chown("own", 1000, 1000);
    mkfifo("fifo", 0666);
    symlink("readable", "symlink");
    if (fork() == 0) {
        setgroups(0, NULL);
        setgid(1000), setuid(1000);
        SHOW(link("readable", "a"));
        SHOW(link("writable", "b"));
        SHOW(link("setuid", "c"));
        SHOW(link("own", "d"));
        SHOW(link("fifo", "e"));
        SHOW(link("symlink", "f"));
        _exit(fflush(stdout));
    }
    wait(NULL);
    SHOW(link("readable", "g"));
}
