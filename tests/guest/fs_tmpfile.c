// O_TMPFILE: a file without a name, which can be given one.
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
    char path[64], text[8] = {0};
    struct stat st;
    SHOW(open(".", O_TMPFILE | O_RDONLY, 0600));
    SHOW(open("none", O_TMPFILE | O_RDWR, 0600));
    int fd = open(".", O_TMPFILE | O_RDWR, 0640);
    SHOW(fd);
    fstat(fd, &st);
    printf("links %ld mode %o\n", (long)st.st_nlink, st.st_mode);
    SHOW_NUMBER(write(fd, "body", 4));
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
    fstat(fd, &st);
    printf("links %ld\n", (long)st.st_nlink);
    SHOW_NUMBER(read(open("named", O_RDONLY), text, 4));
    puts(text);
    int shut = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0600);
    snprintf(path, sizeof path, "/proc/self/fd/%d", shut);
    SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "not", AT_SYMLINK_FOLLOW));
    return 0;
}
