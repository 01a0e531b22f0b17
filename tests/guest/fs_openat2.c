// openat2(2): RESOLVE_ flags and the checks of its structure.
#include "show.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static long with(int dir, const char* path, unsigned long flags, unsigned long resolve)
{
    struct open_how how = {flags, 0, resolve};
    long fd = syscall(SYS_openat2, dir, path, &how, sizeof how);
    if (fd >= 0) close((int)fd);
    return fd >= 0 ? 0 : fd;
}

int main(void)
{
    mkdir("d", 0755);
    close(open("d/f", O_CREAT | O_WRONLY, 0644));
    close(open("out", O_CREAT | O_WRONLY, 0644));
    symlink("f", "d/in");
    symlink("../out", "d/up");
    symlink("/etc/passwd", "d/abs");
    int dir = open("d", O_PATH);
    SHOW(with(dir, "f", O_RDONLY, 0));
    SHOW(with(dir, "in", O_RDONLY, RESOLVE_NO_SYMLINKS));
    SHOW(with(dir, "in", O_RDONLY, RESOLVE_BENEATH));
    SHOW(with(dir, "up", O_RDONLY, RESOLVE_BENEATH));
    SHOW(with(dir, "../out", O_RDONLY, RESOLVE_BENEATH));
    SHOW(with(dir, "abs", O_RDONLY, RESOLVE_BENEATH));
    SHOW(with(dir, "/f", O_RDONLY, RESOLVE_BENEATH));
    SHOW(with(dir, "/f", O_RDONLY, RESOLVE_IN_ROOT));
    SHOW(with(dir, "../f", O_RDONLY, RESOLVE_IN_ROOT));
    SHOW(with(dir, "up", O_RDONLY, RESOLVE_IN_ROOT));
    SHOW(with(dir, "abs", O_RDONLY, RESOLVE_IN_ROOT));
    SHOW(with(AT_FDCWD, "/proc/self/exe", O_RDONLY, RESOLVE_NO_MAGICLINKS));
    SHOW(with(dir, "f", 1ul << 40, 0));
    SHOW(with(dir, "f", O_RDONLY, 1 << 20));
    struct open_how how = {O_RDONLY, 0600, 0};
    SHOW(syscall(SYS_openat2, dir, "f", &how, sizeof how));
    how.mode = 0;
    SHOW(syscall(SYS_openat2, dir, "f", &how, 8));
    char large[64] = {0};
    SHOW(syscall(SYS_openat2, dir, "f", large, sizeof large) >= 0 ? 0 : -1);
    large[40] = 1;
    SHOW(syscall(SYS_openat2, dir, "f", large, sizeof large));
    return 0;
}
