// PF-066: environ is the initial environment; setenv does not change it, writing into it does.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void show(const char* what)
{
    char text[512];
    int fd = open("/proc/self/environ", O_RDONLY);
    int size = read(fd, text, sizeof text);
    close(fd);
    printf("%s: ", what);
    for (int i = 0; i < size; ++i) putchar(text[i] ? text[i] : '|');
    putchar('\n');
}

int main(int argc, char** argv)
{
    if (argc == 1) {
        char* args[] = {"prog", "again", 0};
        char* env[] = {"A=1", "LONGER=value", 0};
        execve("/proc/self/exe", args, env);
        return 1;
    }
    show("given");
    setenv("A", "another and longer value", 1);
    setenv("NEW", "1", 1);
    show("setenv");
    strcpy(getenv("LONGER"), "VAL");
    show("in place");
    return 0;
}
