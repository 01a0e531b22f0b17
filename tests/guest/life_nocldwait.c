// LC-139, SG-105: SA_NOCLDWAIT leaves no zombie but still sends SIGCHLD.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t got;
static void on_child(int s)
{
    got++;
}

int main(void)
{
    struct sigaction act = {.sa_handler = on_child, .sa_flags = SA_NOCLDWAIT | SA_RESTART};
    sigaction(SIGCHLD, &act, NULL);
    pid_t pid = fork();
    if (pid == 0) _exit(0);
    int r = waitpid(pid, NULL, 0);
    printf("%d %d signals %d\n", r, errno == ECHILD, got);
    return 0;
}
