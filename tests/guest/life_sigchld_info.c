// LC-137, SG-075: SIGCHLD tells how the child ended, and who it was.
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int how = 0; how < 3; how++) {
        pid_t pid = fork();
        if (pid == 0) {
            if (how == 0) _exit(3);
            if (how == 1) raise(SIGTERM);
            raise(SIGSTOP);
            _exit(0);
        }
        siginfo_t info;
        sigwaitinfo(&set, &info);
        printf("code %d status %d pid %d uid %d\n", info.si_code, info.si_status, info.si_pid == pid,
               info.si_uid == getuid());
        if (how == 2) {
            kill(pid, SIGCONT);
            sigwaitinfo(&set, &info);
            printf("code %d status %d\n", info.si_code, info.si_status);
        }
        waitpid(pid, NULL, 0);
    }
    return 0;
}
