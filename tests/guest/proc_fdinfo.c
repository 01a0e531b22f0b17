// PF-091, PF-092: position and flags of a descriptor.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void show(int fd)
{
    char path[64], line[256];
    sprintf(path, "/proc/self/fdinfo/%d", fd);
    FILE* info = fopen(path, "r");
    while (fgets(line, sizeof line, info))
        if (strncmp(line, "pos", 3) == 0 || strncmp(line, "flags", 5) == 0) fputs(line, stdout);
    fclose(info);
}

int main(void)
{
    int file = open("/etc/passwd", O_RDONLY);
    lseek(file, 10, SEEK_SET);
    show(file);
    fcntl(file, F_SETFD, FD_CLOEXEC);
    show(file);
    int appended = open("/tmp/norn-fdinfo", O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK, 0600);
    write(appended, "abc", 3);
    show(appended);
    unlink("/tmp/norn-fdinfo");
    return 0;
}
