// LC-144, LC-147: options wait4 and waitid refuse, and who is nobody's child.
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char* what, long result)
{
    printf("%s: %ld %s\n", what, result, result < 0 ? strerror(errno) : "ok");
}

int main(void)
{
    int status;
    siginfo_t info;
    show("no child", waitpid(-1, &status, 0));
    show("no child, nohang", waitpid(-1, &status, WNOHANG));
    show("self", waitpid(getpid(), &status, 0));
    show("parent", waitpid(getppid(), &status, 0));
    show("INT_MIN", waitpid(INT_MIN, &status, 0));
    show("wait4 WEXITED", waitpid(-1, &status, WEXITED));
    show("wait4 WNOWAIT", waitpid(-1, &status, WNOWAIT));
    show("waitid no event", waitid(P_ALL, 0, &info, WNOHANG));
    show("waitid bad kind", waitid(77, 0, &info, WEXITED));
    show("waitid P_PID 0", waitid(P_PID, 0, &info, WEXITED));
    show("waitid bad option", waitid(P_ALL, 0, &info, WEXITED | 0x100));
    show("waitid not a pidfd", waitid(P_PIDFD, 0, &info, WEXITED));
    pid_t pid = fork();
    if (pid == 0) {
        show("sibling of nobody", waitpid(getppid(), &status, WNOHANG));
        pause();
    }
    show("running child", waitpid(pid, &status, WNOHANG));
    kill(pid, 9);
    show("killed", waitpid(pid, &status, 0) == pid);
    printf("%x\n", status);
    return 0;
}
