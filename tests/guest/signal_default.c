// SG-003, SG-004, SG-005, SG-011: what each signal does when nothing was said.
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    for (int s = 1; s <= 64; s++) {
        if (s == SIGSTOP || s == SIGTSTP || s == SIGTTIN || s == SIGTTOU) continue;
        pid_t pid = fork();
        if (pid == 0) {
            kill(getpid(), s);
            _exit(99);
        }
        int status;
        waitpid(pid, &status, 0);
        printf("%d:%04x%c", s, status, s % 8 ? ' ' : '\n');
    }
    return 0;
}
