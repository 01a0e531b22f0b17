// LC-207, LC-208, SG-182, SG-183: a stopped member of a group that becomes orphaned gets HUP and CONT;
// terminal stops do nothing in an orphaned group.
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int out;
static void handler(int s)
{
    char c = s == SIGHUP ? 'h' : 'c';
    write(out, &c, 1);
}

int main(void)
{
    int fd[2], ready[2];
    pipe(fd);
    pipe(ready);
    out = fd[1];
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        if (fork() == 0) {
            setpgid(0, 0);
            signal(SIGHUP, handler);
            signal(SIGCONT, handler);
            write(ready[1], "r", 1);
            raise(SIGSTOP);
            raise(SIGTSTP);
            raise(SIGTTIN);
            write(out, "e", 1);
            _exit(0);
        }
        char c;
        read(ready[0], &c, 1);
        waitpid(-1, NULL, WUNTRACED);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    char text[8] = "";
    for (int i = 0; i < 3; i++) read(fd[0], text + i, 1);
    printf("%s\n", text);
    return 0;
}
