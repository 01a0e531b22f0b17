// PF-001, PF-009: what is no name in /proc, and what cannot be made or changed there.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void result(const char* what, int value)
{
    printf("%s: %d %s\n", what, value < 0 ? -1 : 0, value < 0 ? strerror(errno) : "");
}

int main(void)
{
    char path[64];
    const char* forms[] = {"/proc/0%d", "/proc/+%d", "/proc/%dx", "/proc/-%d", "/proc/%d0000000"};
    for (int i = 0; i < 5; ++i) {
        sprintf(path, forms[i], getpid());
        result(forms[i], access(path, F_OK));
    }
    result("0", access("/proc/0", F_OK));
    result("no such", access("/proc/no-such-entry", F_OK));
    result("mkdir", mkdir("/proc/new", 0700));
    result("create", open("/proc/new", O_CREAT | O_WRONLY, 0600));
    result("mkdir in self", mkdir("/proc/self/new", 0700));
    result("unlink", unlink("/proc/self/status"));
    result("chmod", chmod("/proc/self/status", 0600));
    result("not a directory", open("/proc/self/status/x", O_RDONLY));
    result("a directory", open("/proc/self", O_WRONLY));
    int fd = open("/proc/self/limits", O_RDONLY);
    struct stat about;
    fstat(fd, &about);
    printf("size %d, mode %o\n", (int)about.st_size, about.st_mode);
    return 0;
}
