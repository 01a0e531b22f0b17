// link(2): counts, and a file that lives while it is open.
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void links(int fd)
{
    struct stat st;
    fstat(fd, &st);
    printf("links %ld size %ld\n", (long)st.st_nlink, (long)st.st_size);
}

int main(void)
{
    char text[8] = {0};
    int fd = open("a", O_CREAT | O_RDWR, 0644);
    SHOW_NUMBER(write(fd, "text", 4));
    links(fd);
    SHOW(link("a", "b"));
    SHOW(link("a", "b"));
    SHOW(link("none", "c"));
    SHOW(link(".", "c"));
    links(fd);
    SHOW(symlink("a", "s"));
    SHOW(link("s", "s2"));
    links(fd);
    SHOW(linkat(AT_FDCWD, "s", AT_FDCWD, "h", AT_SYMLINK_FOLLOW));
    links(fd);
    SHOW(unlink("a"));
    SHOW(unlink("b"));
    SHOW(unlink("h"));
    links(fd);
    SHOW_NUMBER(pread(fd, text, 4, 0));
    puts(text);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "back", AT_SYMLINK_FOLLOW));
    return 0;
}
