// socketpair(2): both ways, ends, shutdown, messages.
#include "show.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int ready(int fd)
{
    struct pollfd p = {fd, POLLIN | POLLOUT | POLLRDHUP, 0};
    poll(&p, 1, 0);
    return p.revents;
}

int main(void)
{
    char text[32] = {0};
    int s[2], type, bytes;
    socklen_t size = sizeof type;
    signal(SIGPIPE, SIG_IGN);
    SHOW(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s));
    SHOW_NUMBER(read(s[0], text, 1));
    SHOW_NUMBER(write(s[0], "ping", 4));
    SHOW_NUMBER(send(s[1], "pong", 4, MSG_NOSIGNAL));
    SHOW_NUMBER(ioctl(s[1], FIONREAD, &bytes));
    printf("%d ready %x\n", bytes, ready(s[1]));
    SHOW_NUMBER(read(s[1], text, 2));
    SHOW_NUMBER(recv(s[1], text + 2, 20, 0));
    puts(text);
    SHOW_NUMBER(read(s[0], text, 20));
    SHOW(getsockopt(s[0], SOL_SOCKET, SO_TYPE, &type, &size));
    printf("%d\n", type == SOCK_STREAM);
    SHOW(shutdown(s[0], SHUT_WR));
    SHOW_NUMBER(write(s[0], "x", 1));
    SHOW_NUMBER(read(s[1], text, 1));
    printf("ready %x %x\n", ready(s[0]), ready(s[1]));
    SHOW_NUMBER(write(s[1], "back", 4));
    close(s[1]);
    printf("ready %x\n", ready(s[0]));
    SHOW_NUMBER(read(s[0], text, 20));
    SHOW_NUMBER(read(s[0], text, 20));
    SHOW(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, s));
    SHOW_NUMBER(write(s[0], "one", 3));
    SHOW_NUMBER(write(s[0], "three", 5));
    SHOW_NUMBER(read(s[1], text, 2));
    SHOW_NUMBER(read(s[1], text, 20));
    SHOW_NUMBER(read(s[1], text, 20));
    SHOW(getpeername(0, (struct sockaddr*)text, &size));
    return 0;
}
