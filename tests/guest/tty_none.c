// tty_ioctl(4): what is no terminal, and a session without one.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static void ask(const char* what, int fd)
{
    struct termios modes;
    struct winsize size;
    int one = ioctl(fd, TCGETS, &modes), error = errno;
    int two = ioctl(fd, TIOCGWINSZ, &size);
    printf("%s: %d %s, %d %s, isatty %d\n", what, one, strerror(error), two, strerror(errno), isatty(fd));
}

int main(void)
{
    setvbuf(stdout, 0, _IONBF, 0);
    int ends[2];
    pipe(ends);
    ask("null", open("/dev/null", O_RDWR));
    ask("file", open("/etc/passwd", O_RDONLY));
    ask("pipe", ends[0]);
    ask("directory", open("/", O_RDONLY));
    ask("proc", open("/proc/self/stat", O_RDONLY));
    if (fork() == 0) {
        setsid();
        int fd = open("/dev/tty", O_RDWR);
        printf("tty of a new session: %d %s\n", fd, strerror(errno));
        _exit(0);
    }
    wait(0);
    int session = tcgetsid(ends[0]);
    printf("tcgetsid %d %s\n", session, strerror(errno));
    return 0;
}
