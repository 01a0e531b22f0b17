// Whose terminal it is: groups, sessions, sizes, and processes in the background.
// type: done | \r
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static void show(const char* what, int value)
{
    printf("%s: %d %s\n", what, value, value < 0 ? strerror(errno) : "");
}

int main(void)
{
    setvbuf(stdout, 0, _IONBF, 0);
    struct winsize size;
    ioctl(0, TIOCGWINSZ, &size);
    printf("size %d %d\n", size.ws_row, size.ws_col);
    printf("isatty %d %d %d\n", isatty(0), isatty(1), isatty(2));
    printf("foreground %d, session %d\n", tcgetpgrp(0) == getpgrp(), tcgetsid(0) == getsid(0));
    int tty = open("/dev/tty", O_RDWR);
    show("/dev/tty is it", tcgetpgrp(tty) == getpgrp());
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        char byte;
        signal(SIGTTIN, SIG_IGN);
        show("background read", read(0, &byte, 1));
        signal(SIGTTOU, SIG_IGN);
        show("takes it", tcsetpgrp(0, getpgrp()));
        signal(SIGTTOU, SIG_DFL);
        show("has it", tcgetpgrp(0) == getpgrp());
        _exit(0);
    }
    signal(SIGTTOU, SIG_IGN);
    waitpid(child, 0, 0);
    show("back", tcsetpgrp(0, getpgrp()));
    signal(SIGTTOU, SIG_DFL);
    child = fork();
    if (child == 0) {
        setpgid(0, 0);
        char byte;
        read(0, &byte, 1);
        _exit(1);
    }
    setpgid(child, child);
    int status;
    waitpid(child, &status, WUNTRACED);
    printf("stopped %d by %d\n", WIFSTOPPED(status), WSTOPSIG(status) == SIGTTIN);
    kill(child, SIGKILL);
    waitpid(child, 0, 0);
    show("no such group", tcsetpgrp(0, 99999));
    struct winsize other = {10, 20, 0, 0};
    signal(SIGWINCH, SIG_IGN);
    ioctl(0, TIOCSWINSZ, &other);
    ioctl(1, TIOCGWINSZ, &size);
    printf("size %d %d\n", size.ws_row, size.ws_col);
    show("setsid", setsid() < 0 ? -1 : 1);
    printf("done\n");
    getchar();
    return 0;
}
