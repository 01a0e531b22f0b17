// /dev/fd, /dev/stdin and their kin lead to what is open.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void show(const char* path)
{
    char text[256];
    int size = readlink(path, text, sizeof text - 1);
    text[size < 0 ? 0 : size] = 0;
    printf("%s -> %s\n", path, text);
}

int main(void)
{
    show("/dev/fd");
    show("/dev/stdin");
    show("/dev/stdout");
    int ends[2];
    pipe(ends);
    write(ends[1], "through", 7);
    char path[32], text[16] = {0};
    sprintf(path, "/dev/fd/%d", ends[0]);
    int again = open(path, O_RDONLY);
    int size = read(again, text, 15);
    printf("%d %s\n", size, text);
    int none = open("/dev/fd/999", O_RDONLY);
    printf("%d %s\n", none, strerror(errno));
    int null = open("/dev/stdin", O_RDONLY);
    printf("stdin %d\n", (int)read(null, text, 15));
    return 0;
}
