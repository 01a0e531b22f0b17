// close_range(2).
#include "show.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static void open_now(void)
{
    for (int fd = 3; fd < 20; ++fd)
        if (fcntl(fd, F_GETFD) >= 0) printf("%d%s ", fd, fcntl(fd, F_GETFD) ? "c" : "");
    puts("");
}

int main(void)
{
    setvbuf(stdout, 0, _IOLBF, 0);
    for (int fd = 3; fd < 15; ++fd) dup2(0, fd);
    SHOW(close_range(5, 7, 0));
    open_now();
    SHOW(close_range(10, 12, CLOSE_RANGE_CLOEXEC));
    open_now();
    SHOW(close_range(4, 3, 0));
    SHOW(close_range(4, 5, 64));
    SHOW(close_range(13, ~0u, CLOSE_RANGE_UNSHARE));
    open_now();
    SHOW(close_range(100, 200, 0));
    return 0;
}
