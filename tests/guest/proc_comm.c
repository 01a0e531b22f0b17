// PF-060, PF-061: comm is cut to 15 bytes but a write reports all; only the process itself may write it.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char* what)
{
    char text[64] = {0};
    int fd = open("/proc/self/comm", O_RDONLY);
    int size = read(fd, text, sizeof text - 1);
    printf("%s: %d %s", what, size, text);
    close(fd);
}

int main(void)
{
    setvbuf(stdout, 0, _IONBF, 0);
    int fd = open("/proc/self/comm", O_RDWR);
    printf("write: %d\n", (int)write(fd, "a name that is too long", 23));
    show("long");
    lseek(fd, 0, SEEK_SET);
    printf("write: %d\n", (int)write(fd, "ab\0cd", 5));
    show("nul");
    char path[64];
    sprintf(path, "/proc/%d/comm", getpid());
    if (fork() == 0) {
        int other = open(path, O_WRONLY);
        int n = write(other, "x", 1);
        printf("other: %d %s\n", n, n < 0 ? strerror(errno) : "");
        _exit(0);
    }
    wait(0);
    show("after");
    return 0;
}
