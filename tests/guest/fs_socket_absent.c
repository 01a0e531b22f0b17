// What a program finds that looks for a daemon that does not run.
#include "show.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(void)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = "none"};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    SHOW(connect(fd, (struct sockaddr*)&to, sizeof to));
    strcpy(to.sun_path, "show.c");
    fclose(fopen(to.sun_path, "w"));
    SHOW(connect(fd, (struct sockaddr*)&to, sizeof to));
    SHOW(connect(99, (struct sockaddr*)&to, sizeof to));
    SHOW(connect(0, (struct sockaddr*)&to, sizeof to));
    SHOW(socket(AF_UNIX, 77, 0));
    SHOW(socket(AF_UNIX, SOCK_STREAM, 9));
    SHOW(socket(99, SOCK_STREAM, 0));
    return 0;
}
