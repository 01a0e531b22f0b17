// LC-071, LC-171, SG-088: the parent-death signal: values, not inherited, kept by exec, siginfo.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int get(void)
{
    int s = -1;
    prctl(PR_GET_PDEATHSIG, &s);
    return s;
}

int main(void)
{
    printf("65: %d %d\n", prctl(PR_SET_PDEATHSIG, 65), errno == EINVAL);
    printf("set: %d, now %d\n", prctl(PR_SET_PDEATHSIG, SIGUSR2), get());
    pid_t pid = fork();
    if (pid == 0) {
        printf("child has %d\n", get());
        fflush(stdout);
        _exit(0);
    }
    waitpid(pid, NULL, 0);

    int fd[2];
    pipe(fd);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid = fork();
    if (pid == 0) {
        pid_t parent = getpid();
        int ready[2];
        pipe(ready);
        if (fork() == 0) {
            sigset_t set;
            sigemptyset(&set);
            sigaddset(&set, SIGUSR1);
            sigprocmask(SIG_BLOCK, &set, NULL);
            prctl(PR_SET_PDEATHSIG, SIGUSR1);
            write(ready[1], "r", 1);
            siginfo_t info;
            sigwaitinfo(&set, &info);
            dprintf(fd[1], "signal %d code %d from parent %d\n", info.si_signo, info.si_code,
                    info.si_pid == parent);
            _exit(0);
        }
        char c;
        read(ready[0], &c, 1);
        _exit(0);
    }
    close(fd[1]);
    char text[200];
    ssize_t n = read(fd[0], text, sizeof text);
    write(1, text, n);
    while (wait(NULL) > 0) {
    }
    return 0;
}
