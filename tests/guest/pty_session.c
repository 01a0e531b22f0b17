// pty(7), credentials(7): a session on a pseudo-terminal: keys, foreground groups, sizes, and the end.
#include "show.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t seen;

static void note(int signal)
{
    seen = signal;
}

static void expect(int master, const char* end)
{
    char all[256] = "";
    size_t size = 0;
    while (!strstr(all, end) && size < sizeof all - 1) {
        const ssize_t got = read(master, all + size, sizeof all - 1 - size);
        if (got <= 0) break;
        size += got;
    }
    for (size_t i = 0; i < size; ++i) printf(all[i] < ' ' ? "\\%o" : "%c", all[i]);
    printf("\n");
}

static void child(const char* name)
{
    setsid();
    const int own = open(name, O_RDWR);
    dup2(own, 1);
    setvbuf(stdout, 0, _IONBF, 0);
    printf("session %d, foreground %d\n", tcgetsid(own) == getpid(), tcgetpgrp(own) == getpid());
    struct sigaction action = {.sa_handler = note};
    sigset_t noted, none;
    sigemptyset(&noted);
    sigemptyset(&none);
    const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGWINCH};
    for (int i = 0; i < 4; ++i) {
        sigaction(signals[i], &action, 0);
        sigaddset(&noted, signals[i]);
    }
    sigprocmask(SIG_BLOCK, &noted, 0);
    const int by_name = open("/dev/tty", O_RDWR);
    printf("/dev/tty %s\n", outcome(by_name));
    for (int turn = 0; turn < 3; ++turn) {
        sigsuspend(&none);
        printf("signal %d\n", seen);
    }
    sigprocmask(SIG_UNBLOCK, &noted, 0);
    signal(SIGTTOU, SIG_IGN);
    if (fork() == 0) {
        setpgid(0, 0);
        printf("take the foreground: %s\n", outcome(tcsetpgrp(own, getpid())));
        signal(SIGTSTP, SIG_DFL);
        for (;;) pause();
    }
    int status;
    const pid_t stopped = waitpid(-1, &status, WUNTRACED);
    printf("stopped by %d\n", WIFSTOPPED(status) ? WSTOPSIG(status) : -1);
    kill(stopped, SIGKILL);
    wait(0);
    tcsetpgrp(own, getpid());
    seen = 0;
    char byte;
    const ssize_t got = read(own, &byte, 1);
    _exit(got <= 0 && seen == SIGHUP ? 5 : 6);
}

int main(void)
{
    setvbuf(stdout, 0, _IONBF, 0);
    const int master = posix_openpt(O_RDWR | O_NOCTTY);
    unlockpt(master);
    printf("nobody's: %s\n", outcome(tcgetsid(master)));
    const pid_t pid = fork();
    if (pid == 0) {
        char name[64];
        strcpy(name, ptsname(master));
        close(master);
        child(name);
    }
    expect(master, "/dev/tty done\r\n");
    printf("seen from the master: %d %d\n", tcgetpgrp(master) == pid, tcgetsid(master) == pid);
    SHOW(tcsetpgrp(master, getpgrp()));
    write(master, "\3", 1);
    expect(master, "signal 2\r\n");
    struct winsize size = {10, 20, 0, 0};
    ioctl(master, TIOCSWINSZ, &size);
    expect(master, "signal 28\r\n");
    SHOW(ioctl(master, TIOCSIG, SIGKILL));
    SHOW(ioctl(master, TIOCSIG, SIGQUIT));
    expect(master, "foreground: done\r\n");
    write(master, "\32", 1);
    expect(master, "stopped by 20\r\n");
    usleep(50000);
    close(master);
    int status;
    waitpid(pid, &status, 0);
    printf("ended with %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
    return 0;
}
