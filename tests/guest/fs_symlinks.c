// symlink(2), readlink(2), and walks through links.
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
    char text[64];
    struct stat st;
    mkdir("d", 0755);
    mkdir("d/e", 0755);
    close(open("d/f", O_CREAT | O_WRONLY, 0644));
    SHOW(symlink("d/e", "l"));
    SHOW(symlink("", "empty"));
    SHOW(symlink("x", "l"));
    SHOW(symlink("x", "new/"));
    SHOW(stat("l/../f", &st));
    SHOW(stat("l/", &st));
    SHOW(lstat("l/", &st));
    printf("%o\n", st.st_mode & S_IFMT);
    SHOW(lstat("l", &st));
    printf("%o size %ld\n", st.st_mode & S_IFMT, (long)st.st_size);
    memset(text, '#', sizeof text);
    SHOW_NUMBER(readlink("l", text, 2));
    printf("%.4s\n", text);
    SHOW_NUMBER(readlink("l", text, sizeof text));
    SHOW_NUMBER(readlink("d", text, sizeof text));
    SHOW_NUMBER(readlink("none", text, sizeof text));
    SHOW_NUMBER(readlink("l", text, 0));
    SHOW(rmdir("l"));
    SHOW(mkdir("l", 0755));
    SHOW(unlink("l/"));
    char from[16] = "d", to[16];
    for (int i = 0; i < 41; ++i) {
        snprintf(to, sizeof to, "n%d", i);
        if (symlink(from, to)) return 1;
        strcpy(from, to);
    }
    SHOW(stat("n39", &st));
    SHOW(stat("n40", &st));
    int fd = open("l", O_PATH | O_NOFOLLOW);
    SHOW_NUMBER(readlinkat(fd, "", text, sizeof text));
    return 0;
}
