// LC-006, LC-041, LC-160, LC-161, SG-030 to SG-034: descriptors of processes.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char* what, long r)
{
    int error = errno;
    printf("%s: %s\n", what, r < 0 ? strerror(error) : "ok");
}
static int send(int fd, int s, void* info, int flags)
{
    return syscall(SYS_pidfd_send_signal, fd, s, info, flags);
}

int main(void)
{
    show("pid 0", syscall(SYS_pidfd_open, 0, 0));
    show("unknown flag", syscall(SYS_pidfd_open, getpid(), 1));
    show("nobody", syscall(SYS_pidfd_open, 0x3ffffff, 0));
    pid_t pid = fork();
    if (pid == 0) {
        pause();
        _exit(0);
    }
    int fd = syscall(SYS_pidfd_open, pid, O_NONBLOCK);
    printf("close-on-exec %d\n", fcntl(fd, F_GETFD));
    struct pollfd p = {.fd = fd, .events = POLLIN};
    printf("poll %d %x\n", poll(&p, 1, 0), p.revents);
    siginfo_t info;
    show("waitid would block", waitid(P_PIDFD, fd, &info, WEXITED));
    show("signal 0", send(fd, 0, NULL, 0));
    show("two flags", send(fd, 0, NULL, 3));
    show("unknown flag", send(fd, 0, NULL, 8));
    show("not a pidfd", send(1, 0, NULL, 0));
    show("TERM", send(fd, SIGTERM, NULL, 0));
    poll(&p, 1, -1);
    printf("poll %x\n", p.revents);
    show("waitid", waitid(P_PIDFD, fd, &info, WEXITED));
    printf("code %d status %d\n", info.si_code, info.si_status);
    show("reaped", send(fd, 0, NULL, 0));
    p.revents = 0;
    poll(&p, 1, 0);
    printf("poll %x\n", p.revents);
    return 0;
}
