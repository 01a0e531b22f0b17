// PF-018, PF-044: sleeping, stopped, zombie, as stat and status call it.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(pid_t child, const char* what)
{
    char path[64], line[4096], state = '?';
    sprintf(path, "/proc/%d/stat", child);
    FILE* file = fopen(path, "r");
    line[fread(line, 1, sizeof line - 1, file)] = 0;
    fclose(file);
    sscanf(strrchr(line, ')') + 2, "%c", &state);
    sprintf(path, "/proc/%d/status", child);
    file = fopen(path, "r");
    while (fgets(line, sizeof line, file))
        if (strncmp(line, "State:", 6) == 0) printf("%s: %c %s", what, state, line + 7);
    fclose(file);
}

int main(void)
{
    setvbuf(stdout, 0, _IONBF, 0);
    show(getpid(), "self");
    int ready[2];
    pipe(ready);
    pid_t child = fork();
    if (child == 0) {
        close(ready[0]);
        close(ready[1]);
        for (;;) pause();
    }
    close(ready[1]);
    char byte;
    read(ready[0], &byte, 1);
    usleep(50000);
    show(child, "pause");
    kill(child, SIGSTOP);
    waitpid(child, 0, WUNTRACED);
    show(child, "stopped");
    kill(child, SIGCONT);
    waitpid(child, 0, WCONTINUED);
    usleep(50000);
    show(child, "continued");
    kill(child, SIGKILL);
    siginfo_t info;
    waitid(P_PID, child, &info, WEXITED | WNOWAIT);
    show(child, "killed");
    waitpid(child, 0, 0);
    return 0;
}
