// Close-on-exec descriptors are gone after execve(2), others stay.
#include "show.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(int argc, char** argv)
{
    if (argc > 1) {
        for (int fd = 3; fd < 8; ++fd) printf("%d %s\n", fd, outcome(fcntl(fd, F_GETFD)));
        return 0;
    }
    dup2(0, 3);
    dup2(0, 4);
    fcntl(4, F_SETFD, FD_CLOEXEC);
    dup2(4, 5);
    dup2(0, 6);
    ioctl(6, FIOCLEX);
    dup2(0, 7);
    ioctl(7, FIOCLEX);
    ioctl(7, FIONCLEX);
    execl("/proc/self/exe", argv[0], "again", (char*)0);
    return 1;
}
