// LC-191, LC-192, LC-193: what setpgid and setsid refuse.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char* what, long r)
{
    printf("%s: %s\n", what, r < 0 ? strerror(errno) : "ok");
    fflush(stdout);
}

int main(void)
{
    int fd[2];
    pipe(fd);
    pid_t pid = fork();
    if (pid == 0) {
        char c;
        close(fd[1]);
        read(fd[0], &c, 1);
        show("setsid in child", setsid());
        show("setsid again", setsid());
        show("setpgid of a session leader", setpgid(0, 0));
        _exit(0);
    }
    show("negative pgid", setpgid(0, -1));
    show("no such process", setpgid(0x3ffffff, 0));
    show("parent is no child", setpgid(getppid(), 0));
    show("group of nobody", setpgid(pid, 0x3ffffff));
    show("child to its own", setpgid(pid, pid));
    show("child back to ours", setpgid(pid, getpgrp()));
    close(fd[1]);
    waitpid(pid, NULL, 0);
    show("getpgid of nobody", getpgid(0x3ffffff));
    printf("%d %d\n", getpgid(0) == getpgrp(), getpgid(getpid()) == getpgrp());

    pid = fork();
    if (pid == 0) {
        show("lead a group", setpgid(0, 0));
        show("leader's setsid", setsid());
        pid_t member = fork();
        if (member == 0) {
            pause();
            _exit(0);
        }
        show("join back", setpgid(0, getpgid(getppid())));
        show("founder's setsid", setsid());
        kill(member, 9);
        waitpid(member, NULL, 0);
        show("when it is empty", setsid());
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
