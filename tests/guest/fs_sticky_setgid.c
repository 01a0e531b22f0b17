// Sticky directories; setgid directories hand their group down; writes take setuid away.
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    setvbuf(stdout, 0, _IOLBF, 0);
    struct stat st;
    int fd = open("s", O_CREAT | O_RDWR, 0755);
    fchmod(fd, 06755);
    fstat(fd, &st);
    printf("%o\n", st.st_mode);
    if (getuid() == 0) {
        mkdir("sticky", 0777);
        chmod("sticky", 01777);
        chmod(".", 0755);
        close(open("sticky/mine", O_CREAT | O_WRONLY, 0666));
        mkdir("g", 0777);
        if (chown("g", 0, 777)) return 1;
        chmod("g", 02777);
        close(open("g/file", O_CREAT | O_WRONLY, 0600));
        stat("g/file", &st);
        printf("gid %d\n", st.st_gid);
    } else {
        puts("gid 777");
    }
    if (fork() == 0) {
        if (getuid() == 0 && (setgid(1234) || setuid(1234))) _exit(1);
        if (write(fd, "x", 1) != 1) _exit(1);
        fstat(fd, &st);
        printf("%o\n", st.st_mode);
        _exit(0);
    }
    wait(0);
    if (getuid() == 0 && fork() == 0) {
        if (setgid(1234) || setuid(1234)) _exit(1);
        SHOW(unlink("sticky/mine"));
        SHOW(rename("sticky/mine", "sticky/yours"));
        SHOW(open("sticky/new", O_CREAT | O_WRONLY, 0600));
        SHOW(unlink("sticky/new"));
        _exit(0);
    }
    wait(0);
    return 0;
}
