// PF-045, PF-047: umask and the size of the descriptor table in status.
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void show(const char* what)
{
    char line[4096];
    FILE* file = fopen("/proc/self/status", "r");
    while (fgets(line, sizeof line, file))
        if (strncmp(line, "Umask", 5) == 0) printf("%s %s", what, line);
    fclose(file);
}

static void* thread(void* unused)
{
    umask(077);
    return 0;
}

int main(void)
{
    umask(027);
    show("set");
    pthread_t other;
    pthread_create(&other, 0, thread, 0);
    pthread_join(other, 0);
    show("by a thread");
    dup2(0, 1000);
    char line[4096];
    FILE* file = fopen("/proc/self/status", "r");
    while (fgets(line, sizeof line, file))
        if (strncmp(line, "FDSize", 6) == 0) fputs(line, stdout);
    return 0;
}
