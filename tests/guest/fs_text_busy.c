// ETXTBSY: a program that runs cannot be written, one that is open for writing cannot run.
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    setvbuf(stdout, 0, _IOLBF, 0);
    char buffer[65536];
    int from = open("/proc/self/exe", O_RDONLY), to = open("copy", O_CREAT | O_WRONLY, 0755);
    for (ssize_t n; (n = read(from, buffer, sizeof buffer)) > 0;)
        if (write(to, buffer, (size_t)n) != n) return 1;
    SHOW(open("/proc/self/exe", O_WRONLY));
    if (fork() == 0) {
        execl("./copy", "copy", (char*)0);
        printf("exec while open for writing: %s\n", outcome(-1));
        _exit(0);
    }
    wait(0);
    close(to);
    SHOW(truncate("/proc/self/exe", 0));
    int held = open("copy", O_RDONLY);
    SHOW(held);
    SHOW(open("copy", O_WRONLY) >= 0 ? 0 : -1);
    return 0;
}
