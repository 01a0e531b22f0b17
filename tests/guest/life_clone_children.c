// LC-157, LC-218, SG-219: children with another exit signal are seen with __WCLONE or __WALL only.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t got;
static void handler(int s)
{
    got = s;
}

int main(void)
{
    signal(SIGUSR2, handler);
    const int signals[] = {0, SIGUSR2, SIGCHLD};
    for (int i = 0; i < 3; i++) {
        got = 0;
        pid_t pid = syscall(SYS_clone, (long)signals[i], 0L, 0L, 0L, 0L);
        if (pid == 0) _exit(i);
        siginfo_t info;
        waitid(P_PID, pid, &info, WEXITED | WNOWAIT | __WALL);
        int status = 0;
        int plain = waitpid(pid, &status, WNOHANG);
        int error = errno;
        printf("signal %d: plain %s", signals[i], plain == pid ? "reaps" : strerror(error));
        if (plain != pid) printf(", clone %d", waitpid(pid, &status, __WCLONE) == pid);
        printf(", code %d, got %d\n", WEXITSTATUS(status), got);
    }
    return 0;
}
