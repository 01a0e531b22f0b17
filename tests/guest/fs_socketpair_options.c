// programs.md socket: what came is looked at, waited for, cut; time limits and sizes of a socketpair(2).
#include "show.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static char text[70000];

static void stream(void)
{
    int s[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    SHOW_NUMBER(write(s[0], "hello ", 6));
    SHOW_NUMBER(write(s[0], "world", 5));
    SHOW_NUMBER(recv(s[1], text, 3, MSG_PEEK));
    SHOW_NUMBER(recv(s[1], text, 100, MSG_PEEK));
    printf("[%.11s]\n", text);
    SHOW_NUMBER(recv(s[1], text, 11, MSG_WAITALL));
    if (fork() == 0) {
        for (int i = 0; i < 5; ++i) {
            usleep(1000);
            write(s[0], "part", 4);
        }
        _exit(0);
    }
    SHOW_NUMBER(recv(s[1], text, 16, MSG_WAITALL));
    printf("[%.16s]\n", text);
    close(s[0]);
    SHOW_NUMBER(recv(s[1], text, 16, MSG_WAITALL));
    close(s[1]);
}

static void packets(int type)
{
    int s[2];
    socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, s);
    for (int i = 0; i < 30000; ++i) text[i] = 'a' + i % 26;
    SHOW_NUMBER(send(s[0], text, 30000, 0));
    SHOW_NUMBER(send(s[0], "short", 5, MSG_EOR));
    SHOW_NUMBER(send(s[0], "last", 4, 0));
    memset(text, 0, sizeof text);
    SHOW_NUMBER(recv(s[1], text, 10, MSG_PEEK | MSG_TRUNC));
    SHOW_NUMBER(recv(s[1], text, sizeof text, 0));
    printf("%c %c\n", text[12345], text[29999]);
    struct iovec vector = {text, 2};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    SHOW_NUMBER(recvmsg(s[1], &message, 0));
    printf("cut %d\n", message.msg_flags == MSG_TRUNC);
    SHOW_NUMBER(recvmsg(s[1], &message, MSG_TRUNC | MSG_PEEK));
    vector.iov_len = 4;
    SHOW_NUMBER(recvmsg(s[1], &message, 0));
    printf("flags %x\n", message.msg_flags);
    SHOW_NUMBER(recv(s[1], text, 4, 0));
    SHOW_NUMBER(send(s[0], malloc(1 << 20), 1 << 20, 0));
    int sent = 0;
    while (send(s[0], "x", 1, 0) == 1) ++sent;
    printf("%s, more than 200 fit: %d\n", strerrorname_np(errno), sent > 200);
    close(s[0]);
    close(s[1]);
}

static void interrupted(int signo)
{
}

static void limits(void)
{
    int s[2];
    struct timeval limit = {0, 20000}, got;
    socklen_t size = sizeof got;
    struct timespec start, end;
    socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    SHOW(getsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &got, &size));
    printf("%ld %ld %d\n", (long)got.tv_sec, (long)got.tv_usec, (int)size);
    SHOW(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    SHOW(setsockopt(s[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
    SHOW(getsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &got, &size));
    printf("%ld %ld\n", (long)got.tv_sec, (long)got.tv_usec);
    clock_gettime(CLOCK_MONOTONIC, &start);
    SHOW_NUMBER(read(s[0], text, 1));
    SHOW_NUMBER(recv(s[0], text, 1, 0));
    clock_gettime(CLOCK_MONOTONIC, &end);
    const long took = (end.tv_sec - start.tv_sec) * 1000 + (end.tv_nsec - start.tv_nsec) / 1000000;
    printf("waited %d\n", took >= 39 && took < 1000);
    while (write(s[0], text, sizeof text) == sizeof text) continue;
    SHOW_NUMBER(write(s[0], text, sizeof text));
    SHOW(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &limit, 4));
    limit.tv_usec = 2000000;
    SHOW(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    limit = (struct timeval){5, 0};
    SHOW(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    struct sigaction restart = {.sa_handler = interrupted, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &restart, 0);
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 10000}}, 0);
    SHOW_NUMBER(read(s[0], text, 1));
}

static void sizes(void)
{
    const int wanted[] = {1, 5000, 100000, 10000000, -1};
    int s[2], value;
    socklen_t size = sizeof value;
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s);
    SHOW_NUMBER(send(s[0], malloc(150000), 150000, 0));
    for (int i = 0; i < 5; ++i) {
        setsockopt(s[1], SOL_SOCKET, SO_SNDBUF, &wanted[i], sizeof value);
        getsockopt(s[1], SOL_SOCKET, SO_SNDBUF, &value, &size);
        printf("send %d\n", value);
        setsockopt(s[1], SOL_SOCKET, SO_RCVBUF, &wanted[i], sizeof value);
        getsockopt(s[1], SOL_SOCKET, SO_RCVBUF, &value, &size);
        printf("receive %d\n", value);
    }
    setsockopt(s[1], SOL_SOCKET, SO_SNDBUF, &wanted[0], sizeof value);
    printf("a little %d\n", send(s[1], malloc(100000), 100000, 0) < 20000);
}

int main(void)
{
    setvbuf(stdout, 0, _IONBF, 0);
    signal(SIGPIPE, SIG_IGN);
    stream();
    packets(SOCK_SEQPACKET);
    packets(SOCK_DGRAM);
    limits();
    sizes();
    return 0;
}
