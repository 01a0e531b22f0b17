// ptmx(4), pts(4): the two sides of a pseudo-terminal and what each sees of the other.
#include "show.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

enum { on_its_way_us = 20000 };  // Linux carries bytes to the other side a moment later

static void look(const char* when, int fd)
{
    usleep(on_its_way_us);
    struct pollfd asked = {fd, POLLIN | POLLOUT | POLLPRI, 0};
    int waiting = -1;
    const int ready = poll(&asked, 1, 0);
    const int got = ioctl(fd, FIONREAD, &waiting);
    printf("%s: %d ready, %#x, %s, %d bytes\n", when, ready, asked.revents, outcome(got), waiting);
}

static void take(const char* what, int fd)
{
    char bytes[32];
    usleep(on_its_way_us);
    const ssize_t got = read(fd, bytes, sizeof bytes - 1);
    printf("%s: %s", what, outcome(got));
    for (ssize_t i = 0; i < got; ++i) printf(" %02x", bytes[i]);
    printf("\n");
}

int main(void)
{
    setvbuf(stdout, 0, _IONBF, 0);
    const int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    int number = -1, locked = -1;
    SHOW(ioctl(master, TIOCGPTN, &number));
    char name[32];
    snprintf(name, sizeof name, "/dev/pts/%d", number);
    printf("named alike: %d, a terminal: %d\n", strcmp(name, ptsname(master)), isatty(master));
    ioctl(master, TIOCGPTLCK, &locked);
    printf("locked %d\n", locked);
    SHOW(open(name, O_RDWR | O_NOCTTY));
    SHOW(unlockpt(master));
    look("never opened", master);
    take("never opened", master);

    int own = open(name, O_RDWR | O_NOCTTY);
    struct stat status;
    fstat(own, &status);
    printf("mode %o, of user %d, major %d, minor is its number: %d\n", status.st_mode, status.st_uid == geteuid(),
           major(status.st_rdev), (int)minor(status.st_rdev) == number);
    printf("ttyname: %d\n", strcmp(ttyname(own), name));
    struct termios modes;
    tcgetattr(own, &modes);
    printf("%o %o %o\n", modes.c_oflag, modes.c_cflag, modes.c_lflag);
    struct winsize size = {12, 34, 5, 6};
    ioctl(master, TIOCSWINSZ, &size);
    size = (struct winsize){0, 0, 0, 0};
    ioctl(own, TIOCGWINSZ, &size);
    printf("%d %d %d %d\n", size.ws_row, size.ws_col, size.ws_xpixel, size.ws_ypixel);

    write(master, "ab\177c\n", 5);
    look("own side", own);
    take("line", own);
    take("echo", master);
    write(own, "x\ty\n", 4);
    take("shown", master);
    write(master, "\4", 1);
    take("end of file", own);
    write(own, "left", 4);
    close(own);
    look("left", master);
    take("left", master);
    look("left and empty", master);
    take("left and empty", master);
    SHOW(write(master, "q", 1));

    own = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
    printf("again: %s\n", outcome(own));
    take("again", master);
    take("again", master);
    close(master);
    look("hung up", own);
    take("hung up", own);
    SHOW(write(own, "x", 1));
    SHOW(tcgetattr(own, &modes));
    SHOW(access(name, F_OK));
    return 0;
}
