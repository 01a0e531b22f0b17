// PF-106: the call that a process sleeps in, with its arguments.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int ends[2];
    pipe(ends);
    pid_t child = fork();
    if (child == 0) {
        char byte;
        read(ends[0], &byte, 1);
        _exit(0);
    }
    usleep(50000);
    char path[64], text[256] = {0};
    sprintf(path, "/proc/%d/syscall", child);
    read(open(path, O_RDONLY), text, sizeof text - 1);
    long number, first, second, third;
    sscanf(text, "%ld %lx %lx %lx", &number, &first, &second, &third);
    printf("number %ld, descriptor %d, size %ld\n", number, first == ends[0], third);
    kill(child, SIGKILL);
    siginfo_t info;
    waitid(P_PID, child, &info, WEXITED | WNOWAIT);
    memset(text, 0, sizeof text);
    read(open(path, O_RDONLY), text, sizeof text - 1);
    printf("zombie: %s", text);
    return 0;
}
