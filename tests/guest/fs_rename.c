// rename(2), renameat2(2): over files, over directories, refusals and exchanges.
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void file(const char* path, const char* text)
{
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0644);
    if (write(fd, text, strlen(text)) < 0) exit(1);
    close(fd);
}

static void show(const char* path)
{
    char text[32] = {0};
    int fd = open(path, O_RDONLY);
    if (fd < 0) {
        printf("%s: %s\n", path, outcome(fd));
        return;
    }
    if (read(fd, text, sizeof text - 1) < 0) strcpy(text, "a directory");
    close(fd);
    printf("%s: %s\n", path, text);
}

int main(void)
{
    file("a", "A");
    file("b", "B");
    mkdir("d", 0755);
    mkdir("d/sub", 0755);
    mkdir("e", 0755);
    SHOW(rename("a", "b"));
    show("a"); show("b");
    SHOW(rename("b", "d"));
    SHOW(rename("d", "b"));
    SHOW(rename("d", "d/sub/x"));
    SHOW(rename("e", "d"));
    SHOW(rename("d", "e"));
    show("e/sub");
    SHOW(rename("none", "x"));
    SHOW(rename("b", "none/x"));
    SHOW(rename("b", "b"));
    SHOW(rename("b", "c/"));
    SHOW(rename("e", "f/"));
    SHOW(rename(".", "x"));
    SHOW(rename("f/..", "x"));
    file("x", "X");
    SHOW(renameat2(AT_FDCWD, "b", AT_FDCWD, "x", RENAME_NOREPLACE));
    SHOW(renameat2(AT_FDCWD, "b", AT_FDCWD, "x", RENAME_EXCHANGE));
    show("b"); show("x");
    SHOW(renameat2(AT_FDCWD, "b", AT_FDCWD, "f", RENAME_EXCHANGE));
    show("b/sub"); show("f");
    SHOW(renameat2(AT_FDCWD, "b", AT_FDCWD, "none", RENAME_EXCHANGE));
    SHOW(renameat2(AT_FDCWD, "b", AT_FDCWD, "x", RENAME_EXCHANGE | RENAME_NOREPLACE));
    SHOW(renameat2(AT_FDCWD, "x", AT_FDCWD, "y", 1 << 8));
    SHOW(link("x", "same"));
    SHOW(rename("x", "same"));
    show("x"); show("same");
    struct stat st;
    SHOW(renameat2(AT_FDCWD, "x", AT_FDCWD, "z", RENAME_WHITEOUT));
    show("z");
    SHOW(lstat("x", &st));
    printf("left: %o %lu\n", st.st_mode, (unsigned long)st.st_rdev);
    SHOW(renameat2(AT_FDCWD, "z", AT_FDCWD, "x", RENAME_WHITEOUT | RENAME_NOREPLACE));
    SHOW(renameat2(AT_FDCWD, "z", AT_FDCWD, "x", RENAME_WHITEOUT | RENAME_EXCHANGE));
    return 0;
}
