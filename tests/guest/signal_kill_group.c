// SG-014, SG-016, LC-194: signals to a process group.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t leader = fork();
    if (leader == 0) {
        setpgid(0, 0);
        for (int i = 0; i < 2; i++)
            if (fork() == 0) {
                pause();
                _exit(9);
            }
        sigset_t set;
        sigfillset(&set);
        sigprocmask(SIG_BLOCK, &set, NULL);
        kill(0, SIGTERM);
        int status, killed = 0;
        while (wait(&status) > 0) killed += WTERMSIG(status) == SIGTERM;
        sigpending(&set);
        printf("members killed %d, own pending %d\n", killed, sigismember(&set, SIGTERM));
        fflush(stdout);
        _exit(0);
    }
    waitpid(leader, NULL, 0);
    int r = kill(-leader, 0);
    printf("empty group: %d %d\n", r, errno == ESRCH);
    return 0;
}
