// PF-033, PF-054: the sets of signals that status and stat show.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void handler(int signal)
{
}

int main(void)
{
    sigset_t set;
    for (int i = 1; i < 32; ++i) signal(i, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGRTMIN + 1);
    sigprocmask(SIG_SETMASK, &set, 0);
    signal(SIGUSR2, handler);
    signal(SIGPIPE, SIG_IGN);
    kill(getpid(), SIGUSR1);
    raise(SIGRTMIN + 1);
    char line[4096];
    FILE* file = fopen("/proc/self/status", "r");
    while (fgets(line, sizeof line, file))
        if (strncmp(line, "Sig", 3) == 0 || strncmp(line, "Shd", 3) == 0)
            if (line[3] != 'Q') fputs(line, stdout);
    fclose(file);
    file = fopen("/proc/self/stat", "r");
    line[fread(line, 1, sizeof line - 1, file)] = 0;
    char* rest = strrchr(line, ')') + 2;
    int field = 2;
    for (char* word = strtok(rest, " "); word; word = strtok(0, " "))
        if (++field >= 31 && field <= 34) printf("%d: %s\n", field, word);
    return 0;
}
