// getdents64(2): all names once, also while they are removed; types; small buffers.
#include "show.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct entry { unsigned long ino; long off; unsigned short reclen; unsigned char type; char name[]; };

int main(void)
{
    char name[32], buffer[512];
    int count = 0, wrong = 0;
    mkdir("d", 0755);
    for (int i = 0; i < 200; ++i) {
        snprintf(name, sizeof name, "d/f%03d", i);
        close(open(name, O_CREAT | O_WRONLY, 0644));
    }
    int fd = open("d", O_RDONLY | O_DIRECTORY);
    SHOW_NUMBER(syscall(SYS_getdents64, fd, buffer, 10));
    for (long n; (n = syscall(SYS_getdents64, fd, buffer, sizeof buffer)) > 0;)
        for (long at = 0; at < n;) {
            struct entry* e = (struct entry*)(buffer + at);
            at += e->reclen;
            if (e->name[0] == '.') continue;
            ++count;
            wrong += e->type != DT_REG;
            snprintf(name, sizeof name, "d/%s", e->name);
            unlink(name);
        }
    printf("%d names, %d of another type\n", count, wrong);
    SHOW(lseek(fd, 0, SEEK_SET));
    printf("%d\n", (int)(syscall(SYS_getdents64, fd, buffer, sizeof buffer) > 0));
    SHOW(rmdir("d"));
    SHOW_NUMBER(syscall(SYS_getdents64, fd, buffer, sizeof buffer));
    SHOW_NUMBER(syscall(SYS_getdents64, 0, buffer, sizeof buffer));
    mkdir("t", 0755);
    mkdir("t/dir", 0755);
    mkfifo("t/fifo", 0644);
    symlink("x", "t/link");
    DIR* dir = opendir("t");
    int seen[16] = {0};
    for (struct dirent* e; (e = readdir(dir));) seen[e->d_type]++;
    printf("dir %d fifo %d link %d\n", seen[DT_DIR], seen[DT_FIFO], seen[DT_LNK]);
    return 0;
}
