// umask(2), mkdir(2), open(2): the mode of what is made.
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void mode_of(const char* path)
{
    struct stat st;
    if (lstat(path, &st)) return;
    printf("%s %o links %ld\n", path, st.st_mode, S_ISDIR(st.st_mode) ? 0L : (long)st.st_nlink);
}

int main(void)
{
    printf("%o\n", umask(027));
    close(open("a", O_CREAT | O_WRONLY, 0666));
    mkdir("d", 0777);
    umask(0);
    close(open("b", O_CREAT | O_WRONLY, 07777));
    mkdir("t", 01777);
    mkdir("g", 0755);
    chmod("g", 02755);
    mkdir("g/sub", 0755);
    close(open("g/file", O_CREAT | O_WRONLY, 0600));
    symlink("a", "l");
    mkfifo("p", 0640);
    printf("%o\n", umask(077777));
    printf("%o\n", umask(0));
    mode_of("a"); mode_of("d"); mode_of("b"); mode_of("t"); mode_of("g/sub"); mode_of("g/file");
    mode_of("l"); mode_of("p");
    SHOW(chmod("l", 0400));
    mode_of("a"); mode_of("l");
    SHOW(fchmodat(AT_FDCWD, "none", 0600, 0));
    return 0;
}
