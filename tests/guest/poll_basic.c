// poll(2): pipes, files, closed descriptors, timeouts.
#include "show.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

static struct pollfd fds[8];

static void look(const char* what, nfds_t count)
{
    int n = poll(fds, count, 0);
    printf("%s: %d", what, n);
    for (nfds_t i = 0; i < count; ++i) printf(" %x", fds[i].revents);
    puts("");
}

int main(void)
{
    char byte;
    int p[2], q[2];
    signal(SIGPIPE, SIG_IGN);
    if (pipe(p) || pipe(q)) return 1;
    int f = open("f", O_CREAT | O_RDWR, 0644);
    const short all = POLLIN | POLLOUT | POLLPRI | POLLRDNORM | POLLWRNORM | POLLRDHUP;
    int numbers[] = {p[0], p[1], f, -1, 99, q[1]};
    for (int i = 0; i < 6; ++i) fds[i] = (struct pollfd){numbers[i], all, 7};
    look("empty", 6);
    SHOW_NUMBER(write(p[1], "x", 1));
    close(q[0]);
    look("byte", 6);
    SHOW_NUMBER(read(p[0], &byte, 1));
    close(p[1]);
    look("closed", 1);
    fds[0].events = 0;
    look("no interest", 1);
    SHOW_NUMBER(poll(0, 0, 10));
    SHOW_NUMBER(poll((struct pollfd*)8, 1, 0));
    struct rlimit limit = {10, 10};
    setrlimit(RLIMIT_NOFILE, &limit);
    SHOW_NUMBER(poll(fds, 11, 0));
    return 0;
}
