// PF-086 to PF-088: the listing of fd, what its links say and may.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

static void show(int fd)
{
    char path[64], text[4096];
    sprintf(path, "/proc/self/fd/%d", fd);
    int size = readlink(path, text, sizeof text - 1);
    struct stat about;
    lstat(path, &about);
    text[size < 0 ? 0 : size] = 0;
    char* bracket = strchr(text, '[');
    if (bracket && strncmp(text, "pipe:", 5) == 0) bracket[1] = 0;
    printf("%d: %s %o\n", fd, text, about.st_mode);
}

int main(void)
{
    for (int fd = 3; fd < 1024; ++fd) close(fd);
    int ends[2];
    open("/etc/passwd", O_RDONLY);
    open("/dev/null", O_RDWR);
    int file = open("/tmp/norn-fd-links", O_WRONLY | O_CREAT, 0600);
    pipe(ends);
    open("/", O_PATH);
    eventfd(0, 0);
    unlink("/tmp/norn-fd-links");
    for (int fd = 3; fd <= 9; ++fd) show(fd);
    DIR* directory = opendir("/proc/self/fd");
    int count = 0, last = -1, sorted = 1;
    for (struct dirent* entry; (entry = readdir(directory));) {
        if (entry->d_name[0] == '.') continue;
        ++count;
        sorted &= atoi(entry->d_name) > last;
        last = atoi(entry->d_name);
    }
    printf("%d descriptors, sorted %d\n", count, sorted);
    const char* odd[] = {"/proc/self/fd/03", "/proc/self/fd/+3", "/proc/self/fd/99"};
    for (int i = 0; i < 3; ++i) {
        int there = access(odd[i], F_OK);
        printf("%s: %d %s\n", odd[i], there, strerror(errno));
    }
    return 0;
}
