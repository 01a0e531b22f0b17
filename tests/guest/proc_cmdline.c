// PF-063, PF-064: cmdline shows what the program makes of its arguments, into the environment if need be.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void show(const char* what)
{
    char text[512];
    int fd = open("/proc/self/cmdline", O_RDONLY);
    int size = read(fd, text, sizeof text);
    close(fd);
    printf("%s: ", what);
    for (int i = 0; i < size; ++i) putchar(text[i] ? text[i] : '|');
    putchar('\n');
}

int main(int argc, char** argv)
{
    if (argc == 1) {
        char* args[] = {"prog", "first", "", "third arg", 0};
        char* env[] = {"ENVIRON=yes", "MORE=1", 0};
        execve("/proc/self/exe", args, env);
        return 1;
    }
    show("given");
    strcpy(argv[1], "FI");
    show("shorter");
    memset(argv[0], 'x', argv[3] + strlen(argv[3]) + 1 - argv[0]);
    show("over the end");
    return 0;
}
