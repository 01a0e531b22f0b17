// PF-002, PF-003: a listing of /proc is in order, has no doubles, and has every process that lives.
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t child[20];
    for (int i = 0; i < 20; ++i)
        if ((child[i] = fork()) == 0) {
            pause();
            _exit(0);
        }
    DIR* proc = opendir("/proc");
    int last = 0, ordered = 1, seen = 0, self = 0;
    for (struct dirent* entry; (entry = readdir(proc));) {
        const int pid = atoi(entry->d_name);
        if (pid == 0) continue;
        ordered &= pid > last;
        last = pid;
        self += pid == getpid();
        for (int i = 0; i < 20; ++i) seen += pid == child[i];
    }
    printf("ordered %d, children %d, self %d\n", ordered, seen, self);
    for (int i = 0; i < 20; ++i) kill(child[i], SIGKILL), waitpid(child[i], 0, 0);
    rewinddir(proc);
    seen = 0;
    for (struct dirent* entry; (entry = readdir(proc));)
        for (int i = 0; i < 20; ++i) seen += atoi(entry->d_name) == child[i];
    printf("after: %d\n", seen);
    return 0;
}
