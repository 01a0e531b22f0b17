// PF-004, PF-005, PF-017: threads in /proc.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_barrier_t barrier;
static int tid;

static void* thread(void* unused)
{
    prctl(PR_SET_NAME, "second");
    tid = syscall(SYS_gettid);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    return 0;
}

static void first_line(const char* path)
{
    char line[256] = "";
    FILE* file = fopen(path, "r");
    if (file) fgets(line, sizeof line, file);
    printf("%s", line);
}

int main(void)
{
    prctl(PR_SET_NAME, "first");
    pthread_barrier_init(&barrier, 0, 2);
    pthread_t other;
    pthread_create(&other, 0, thread, 0);
    pthread_barrier_wait(&barrier);
    int count = 0, seen = 0;
    DIR* tasks = opendir("/proc/self/task");
    for (struct dirent* entry; (entry = readdir(tasks));) {
        count += entry->d_name[0] != '.';
        seen += atoi(entry->d_name) == tid;
    }
    struct stat about;
    stat("/proc/self/task", &about);
    printf("%d threads, the second %d, links %d\n", count, seen, (int)about.st_nlink);
    char path[64];
    sprintf(path, "/proc/self/task/%d/comm", tid);
    first_line(path);
    sprintf(path, "/proc/%d/comm", tid);
    first_line(path);
    first_line("/proc/self/comm");
    int listed = 0;
    DIR* proc = opendir("/proc");
    for (struct dirent* entry; (entry = readdir(proc));) listed += atoi(entry->d_name) == tid;
    printf("listed in /proc: %d\n", listed);
    int other_task = access("/proc/self/task/1", F_OK);
    printf("another's: %d %s\n", other_task, strerror(errno));
    pthread_barrier_wait(&barrier);
    pthread_join(other, 0);
    stat("/proc/self/task", &about);
    printf("links %d\n", (int)about.st_nlink);
    return 0;
}
