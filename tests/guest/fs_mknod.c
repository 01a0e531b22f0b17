// mknod(2): FIFOs and plain files for all; devices and directories not.
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

int main(void)
{
    struct stat st;
    SHOW(mknod("plain", 0644, 0));
    SHOW(mknod("reg", S_IFREG | 0644, 0));
    SHOW(mknod("fifo", S_IFIFO | 0644, 0));
    SHOW(mknod("sock", S_IFSOCK | 0644, 0));
    SHOW(mknod("dir", S_IFDIR | 0755, 0));
    SHOW(mknod("odd", 0030000 | 0644, 0));
    SHOW(mknod("fifo", S_IFIFO | 0644, 0));
    stat("plain", &st);
    printf("%o\n", st.st_mode & S_IFMT);
    stat("sock", &st);
    printf("%o\n", st.st_mode & S_IFMT);
    SHOW(open("sock", O_RDONLY));
    if (getuid() == 0 && (setgid(1234) || setuid(1234))) return 1;
    SHOW(mknod("/tmp/../tmp/.", S_IFCHR | 0644, makedev(1, 3)));
    return 0;
}
