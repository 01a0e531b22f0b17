// PF-089: opening through fd makes a new description of the same file, deleted or not.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int reopen(int fd, int flags)
{
    char path[64];
    sprintf(path, "/proc/self/fd/%d", fd);
    return open(path, flags);
}

int main(void)
{
    char text[16] = {0};
    int file = open("/tmp/norn-fd-reopen", O_RDWR | O_CREAT | O_TRUNC, 0600);
    write(file, "hello", 5);
    unlink("/tmp/norn-fd-reopen");
    int again = reopen(file, O_RDONLY);
    int offset = lseek(again, 0, SEEK_CUR);
    int size = read(again, text, 15);
    printf("offset %d, read %d %s\n", offset, size, text);
    printf("the first's offset %d\n", (int)lseek(file, 0, SEEK_CUR));
    int ends[2];
    pipe(ends);
    int writer = reopen(ends[0], O_WRONLY);
    write(writer, "pipe", 4);
    memset(text, 0, sizeof text);
    size = read(ends[0], text, 15);
    printf("pipe %d %s\n", size, text);
    int event = eventfd(0, 0);
    int none = reopen(event, O_RDWR);
    printf("eventfd %d %s\n", none, none < 0 ? strerror(errno) : "");
    return 0;
}
