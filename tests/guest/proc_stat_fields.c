// PF-016 to PF-020, PF-028, PF-035: the fields of stat that a program can know itself.
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

int main(void)
{
    prctl(PR_SET_NAME, "a) R (b\nc");
    char text[2048];
    FILE* file = fopen("/proc/self/stat", "r");
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    int pid;
    sscanf(text, "%d (", &pid);
    char* comm = strchr(text, '(');
    char* rest = strrchr(text, ')');
    printf("pid %d, comm %.*s\n", pid == getpid(), (int)(rest - comm + 1), comm);
    char state;
    int ppid, pgrp, session, tty, foreground;
    sscanf(rest + 2, "%c %d %d %d %d %d", &state, &ppid, &pgrp, &session, &tty, &foreground);
    printf("state %c, parent %d, group %d, session %d\n", state, ppid == getppid(), pgrp == getpgrp(),
           session == getsid(0));
    int fields = 2;
    long long value[64] = {0};
    for (char* word = strtok(rest + 2, " \n"); word; word = strtok(0, " \n"))
        sscanf(word, "%lld", &value[++fields]);
    printf("fields %d, threads %lld, itrealvalue %lld, exit signal %lld\n", fields, value[20], value[21],
           value[38]);
    printf("nice %d, priority %d\n", value[19] == getpriority(PRIO_PROCESS, 0), value[18] == 20 + value[19]);
    printf("vsize %d, rss %d, code %d, stack %d\n", value[23] > 4096, value[24] > 0, value[27] > value[26],
           value[28] != 0);
    return 0;
}
