// fifo(7): opening waits for the other end; O_NONBLOCK and O_RDWR do not.
#include "show.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(int signo)
{
    (void)signo;
}

static void look_at(int fd)
{
    struct pollfd look = {fd, POLLIN, 0};
    int n = poll(&look, 1, 0);
    printf("poll %d %x\n", n, look.revents);
}

int main(void)
{
    char text[16] = {0};
    setvbuf(stdout, 0, _IOLBF, 0);
    SHOW(mkfifo("p", 0644));
    SHOW(mkfifo("p", 0644));
    SHOW(open("p", O_WRONLY | O_NONBLOCK));
    int r = open("p", O_RDONLY | O_NONBLOCK);
    SHOW(r);
    SHOW_NUMBER(read(r, text, 1));
    look_at(r);
    int w = open("p", O_WRONLY | O_NONBLOCK);
    SHOW(w);
    SHOW_NUMBER(read(r, text, 1));
    SHOW_NUMBER(write(w, "abc", 3));
    close(w);
    look_at(r);
    SHOW_NUMBER(read(r, text, 10));
    SHOW_NUMBER(read(r, text, 10));
    look_at(r);
    close(r);
    int both = open("p", O_RDWR);
    SHOW(both);
    SHOW_NUMBER(write(both, "kept", 4));
    close(both);
    if (fork() == 0) {
        int fd = open("p", O_WRONLY);
        if (write(fd, "child", 5) != 5) _exit(1);
        _exit(0);
    }
    int fd = open("p", O_RDONLY);
    SHOW_NUMBER(read(fd, text, 16));
    puts(text);
    SHOW_NUMBER(read(fd, text, 16));
    close(fd);
    wait(0);
    struct sigaction act = {.sa_handler = handler};
    sigaction(SIGALRM, &act, 0);
    alarm(1);
    SHOW(open("p", O_RDONLY));
    return 0;
}
