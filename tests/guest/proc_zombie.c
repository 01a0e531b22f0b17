// PF-143: what is left of a process that ended and was not waited for.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t child;

static void show(const char* name)
{
    char path[64], text[4096];
    sprintf(path, "/proc/%d/%s", child, name);
    int fd = open(path, O_RDONLY);
    if (fd < 0) {
        printf("%s: open %s\n", name, strerror(errno));
        return;
    }
    int size = read(fd, text, sizeof text - 1);
    printf("%s: %s\n", name, size < 0 ? strerror(errno) : size == 0 ? "empty" : "text");
    close(fd);
}

int main(void)
{
    child = fork();
    if (child == 0) _exit(3);
    siginfo_t info;
    waitid(P_PID, child, &info, WEXITED | WNOWAIT);
    char path[64], text[4096] = {0};
    sprintf(path, "/proc/%d/stat", child);
    read(open(path, O_RDONLY), text, sizeof text - 1);
    char state;
    long long value[64];
    sscanf(strrchr(text, ')') + 2, "%c", &state);
    int fields = 2;
    for (char* word = strtok(strrchr(text, ')') + 2, " \n"); word; word = strtok(0, " \n"))
        sscanf(word, "%lld", &value[++fields]);
    printf("state %c, vsize %lld, rss %lld, exit code %lld\n", state, value[23], value[24], value[52]);
    const char* names[] = {"cmdline", "maps", "statm", "status", "comm", "limits", "environ", "auxv",
                           "mem",     "cgroup", "oom_score", "smaps_rollup", "wchan"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; ++i) show(names[i]);
    sprintf(path, "/proc/%d/exe", child);
    int size = readlink(path, text, sizeof text);
    printf("exe: %d %s\n", size, strerror(errno));
    sprintf(path, "/proc/%d/statm", child);
    memset(text, 0, sizeof text);
    read(open(path, O_RDONLY), text, sizeof text - 1);
    printf("statm %s", text);
    waitpid(child, 0, 0);
    int there = access(path, F_OK);
    printf("reaped: %d %s\n", there, strerror(errno));
    return 0;
}
