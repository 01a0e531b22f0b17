// Which calls change which time of a file.
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct stat before;

static void changed(const char* what)
{
    struct stat now;
    stat("f", &now);
#define NEWER(field) (now.field.tv_sec != before.field.tv_sec || now.field.tv_nsec != before.field.tv_nsec)
    printf("%s:%s%s%s\n", what, NEWER(st_atim) ? " atime" : "", NEWER(st_mtim) ? " mtime" : "",
           NEWER(st_ctim) ? " ctime" : "");
    usleep(20000);
    stat("f", &before);
}

int main(void)
{
    char byte;
    int fd = open("f", O_CREAT | O_RDWR, 0644);
    usleep(20000);
    stat("f", &before);
    if (write(fd, "x", 1) != 1) return 1;
    changed("write");
    if (pread(fd, &byte, 1, 0) != 1) return 1;
    changed("first read after a write");
    if (pread(fd, &byte, 1, 0) != 1) return 1;
    changed("second read");
    if (write(fd, "", 0)) return 1;
    changed("write of nothing");
    fchmod(fd, 0600);
    changed("chmod");
    link("f", "g");
    changed("link");
    rename("g", "h");
    changed("rename");
    unlink("h");
    changed("unlink");
    if (ftruncate(fd, 0)) return 1;
    changed("truncate");
    if (fallocate(fd, 0, 0, 100)) return 1;
    changed("fallocate");

    // A directory's own times; with O_NOATIME a listing leaves no trace.
    char entries[1024];
    mkdir("d", 0755);
    for (int flags = 0; flags <= O_NOATIME; flags += O_NOATIME) {
        struct stat first, then;
        close(open("d/file", O_CREAT | O_WRONLY, 0644));
        usleep(20000);
        unlink("d/file");
        fd = open("d", O_RDONLY | O_DIRECTORY | flags);
        fstat(fd, &first);
        usleep(20000);
        syscall(SYS_getdents64, fd, entries, sizeof entries);
        fstat(fd, &then);
        printf("listed: %d\n", memcmp(&first.st_atim, &then.st_atim, sizeof first.st_atim) != 0);
        close(fd);
    }
    return 0;
}
