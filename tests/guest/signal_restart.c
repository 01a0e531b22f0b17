// SG-143, SG-147, SG-148: read is restarted or ends with EINTR as the first handler says; stops do not show.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(int s) {}

static void run(const char* what, int flags, int stop)
{
    int fd[2];
    pipe(fd);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        struct sigaction act = {.sa_handler = handler, .sa_flags = flags};
        sigaction(SIGUSR1, &act, NULL);
        char c = 0;
        ssize_t n = read(fd[0], &c, 1);
        int error = errno;
        printf("%s: %zd %s\n", what, n, n < 0 ? strerror(error) : c == 'x' ? "x" : "?");
        fflush(stdout);
        _exit(0);
    }
    usleep(20000);
    if (stop) {
        kill(pid, SIGSTOP);
        waitpid(pid, NULL, WUNTRACED);
        kill(pid, SIGCONT);
    } else {
        kill(pid, SIGUSR1);
    }
    usleep(20000);
    write(fd[1], "x", 1);
    waitpid(pid, NULL, 0);
}

int main(void)
{
    run("no SA_RESTART", 0, 0);
    run("SA_RESTART", SA_RESTART, 0);
    run("stop and continue", 0, 1);
    return 0;
}
