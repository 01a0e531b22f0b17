// A datagram socket of the internet's family that leads nowhere: what it says of itself, what it refuses.
#include "show.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void about(int fd)
{
    int type = 0, domain = 0, protocol = 0;
    socklen_t size = sizeof type;
    SHOW(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size));
    SHOW(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size));
    SHOW(getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size));
    struct sockaddr_storage name;
    memset(&name, 1, sizeof name);
    size = sizeof name;
    SHOW(getsockname(fd, (struct sockaddr*)&name, &size));
    printf("type %d domain %d protocol %d, name of %d bytes, family %d\n", type, domain, protocol, (int)size,
           name.ss_family);
    SHOW(getpeername(fd, (struct sockaddr*)&name, &size));
}

int main(void)
{
    char byte = 'x';
    // Not the address of any machine, and no way leads there (RFC 1122: 240.0.0.0/4 is reserved).
    struct sockaddr_in nowhere = {.sin_family = AF_INET, .sin_port = htons(9)};
    struct sockaddr_in unknown = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000201)};
    struct sockaddr_un other = {.sun_family = AF_UNIX, .sun_path = "none"};
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_UDP);
    about(fd);
    struct stat status;
    SHOW(fstat(fd, &status));
    printf("%o\n", status.st_mode);
    SHOW_NUMBER(recv(fd, &byte, 1, 0));
    SHOW_NUMBER(send(fd, &byte, 1, 0));
    SHOW_NUMBER(sendto(fd, &byte, 1, 0, (struct sockaddr*)&nowhere, 8));
    SHOW_NUMBER(sendto(fd, &byte, 1, 0, (struct sockaddr*)&other, sizeof other));
    SHOW(connect(fd, (struct sockaddr*)&nowhere, 8));
    SHOW(connect(fd, (struct sockaddr*)&other, sizeof other));
    SHOW(connect(fd, &none, sizeof none));
    SHOW(bind(fd, (struct sockaddr*)&unknown, sizeof unknown));
    SHOW(bind(fd, (struct sockaddr*)&unknown, 8));
    SHOW(bind(fd, (struct sockaddr*)&other, sizeof other));
    SHOW(listen(fd, 1));
    SHOW(accept(fd, 0, 0));
    struct pollfd ready = {fd, POLLIN | POLLOUT, 0};
    SHOW_NUMBER(poll(&ready, 1, 0));
    printf("%x\n", ready.revents);
    SHOW(shutdown(fd, SHUT_RDWR));
    SHOW(socket(AF_INET, SOCK_DGRAM, 99));
    SHOW(socketpair(AF_INET, SOCK_DGRAM, 0, (int[2]){0, 0}));

    puts("and of the unix family");
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    about(fd);
    SHOW_NUMBER(recv(fd, &byte, 1, 0));
    SHOW_NUMBER(send(fd, &byte, 1, 0));
    SHOW(connect(fd, (struct sockaddr*)&other, sizeof other));
    ready.fd = fd;
    SHOW_NUMBER(poll(&ready, 1, 0));
    printf("%x\n", ready.revents);
    return 0;
}
