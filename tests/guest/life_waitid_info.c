// LC-149, LC-150, LC-151: waitid fills six fields and leaves the times; WNOWAIT leaves the report.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t child;

static void show(const char* what, const siginfo_t* info)
{
    printf("%s: signo %d errno %d code %d pid %s uid %s status %d utime %lx\n", what, info->si_signo,
           info->si_errno, info->si_code,
           info->si_pid == child ? "child"
           : info->si_pid        ? "other"
                                 : "0",
           info->si_uid == getuid() ? "mine" : "other", info->si_status, (long)info->si_utime);
}

int main(void)
{
    siginfo_t info;
    int go[2];
    char c;
    pipe(go);
    child = fork();
    if (child == 0) {
        close(go[1]);
        raise(SIGSTOP);
        read(go[0], &c, 1);
        _exit(5);
    }
    memset(&info, 0xee, sizeof info);
    waitid(P_PID, child, &info, WSTOPPED | WNOWAIT);
    show("stopped", &info);
    waitid(P_PID, child, &info, WSTOPPED);
    show("again", &info);
    memset(&info, 0xee, sizeof info);
    waitid(P_PID, child, &info, WSTOPPED | WNOHANG);
    printf("nothing: signo %d pid %d code %d\n", info.si_signo, info.si_pid, info.si_code);
    kill(child, SIGCONT);
    waitid(P_PID, child, &info, WCONTINUED);
    show("continued", &info);
    close(go[1]);
    waitid(P_PID, child, &info, WEXITED | WNOWAIT);
    show("exited", &info);
    waitid(P_PID, child, &info, WEXITED);
    show("reaped", &info);
    return waitid(P_PID, child, &info, WEXITED) == -1;
}
