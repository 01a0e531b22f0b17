// The …at calls: relative to a directory, to none, to what is no directory.
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
    struct stat st;
    char text[32] = {0};
    SHOW(mkdirat(AT_FDCWD, "d", 0755));
    int dir = open("d", O_RDONLY | O_DIRECTORY), path = open("d", O_PATH);
    int file = openat(dir, "f", O_CREAT | O_RDWR, 0644);
    SHOW(file);
    SHOW(mkdirat(path, "sub", 0755));
    SHOW(symlinkat("f", dir, "l"));
    SHOW_NUMBER(readlinkat(dir, "l", text, sizeof text));
    SHOW(linkat(dir, "f", dir, "g", 0));
    SHOW(renameat(dir, "g", AT_FDCWD, "h"));
    SHOW(fstatat(dir, "l", &st, AT_SYMLINK_NOFOLLOW));
    printf("%o\n", st.st_mode & S_IFMT);
    SHOW(faccessat(dir, "f", R_OK | W_OK, 0));
    SHOW(mknodat(dir, "p", S_IFIFO | 0600, 0));
    SHOW(openat(file, "x", O_RDONLY));
    SHOW(openat(99, "x", O_RDONLY));
    SHOW(unlinkat(dir, "sub", AT_REMOVEDIR));
    SHOW(openat(dir, "../h", O_RDONLY) >= 0 ? 0 : -1);
    rename("d", "moved");
    SHOW(fstatat(dir, "f", &st, 0));
    return 0;
}
