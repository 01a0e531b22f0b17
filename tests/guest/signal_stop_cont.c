// SG-006, SG-155, SG-179, SG-184 to SG-188, LC-155, LC-156: stops and what wait says of them.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char* what, pid_t pid, int options)
{
    int status = 0;
    int r = waitpid(pid, &status, options);
    printf("%s: %d %04x\n", what, r == pid ? 1 : r, status);
}

int main(void)
{
    pid_t pid = fork();
    if (pid == 0)
        for (;;) pause();
    setpgid(pid, pid);  // a group that is not orphaned, whoever runs this
    kill(pid, SIGCONT);
    show("continued while it runs", pid, WCONTINUED | WNOHANG);
    kill(pid, SIGSTOP);
    show("stopped", pid, WUNTRACED);
    show("once", pid, WUNTRACED | WNOHANG);
    kill(pid, SIGSTOP);
    usleep(10000);
    show("stopped again", pid, WUNTRACED | WNOHANG);
    kill(pid, SIGCONT);
    show("continued", pid, WCONTINUED);
    kill(pid, SIGTSTP);
    show("SIGTSTP", pid, WUNTRACED);
    kill(pid, SIGCONT);
    usleep(10000);
    show("both options", pid, WCONTINUED | WUNTRACED | WNOHANG);
    kill(pid, SIGTTIN);
    show("SIGTTIN", pid, WUNTRACED);
    kill(pid, SIGTERM);
    usleep(10000);
    show("TERM waits", pid, WNOHANG);
    kill(pid, SIGCONT);
    show("then kills", pid, 0);

    pid = fork();
    if (pid == 0)
        for (;;) pause();
    kill(pid, SIGSTOP);
    show("stopped", pid, WUNTRACED);
    kill(pid, SIGKILL);
    show("KILL does not wait", pid, WCONTINUED);
    return 0;
}
