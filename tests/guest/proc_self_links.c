// PF-006, PF-067, PF-068: self, thread-self, exe, cwd and root.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char* link_at(const char* path)
{
    static char text[4096];
    int size = readlink(path, text, sizeof text - 1);
    if (size < 0) return strerror(errno);
    text[size] = 0;
    return text;
}

static void* thread(void* unused)
{
    char expected[64];
    sprintf(expected, "%d/task/%d", getpid(), (int)syscall(SYS_gettid));
    printf("thread-self %d, self %d\n", strcmp(link_at("/proc/thread-self"), expected) == 0,
           atoi(link_at("/proc/self")) == getpid());
    return 0;
}

int main(int argc, char** argv)
{
    thread(0);
    pthread_t other;
    pthread_create(&other, 0, thread, 0);
    pthread_join(other, 0);
    printf("exe ends so %d\n", strcmp(basename(link_at("/proc/self/exe")), basename(argv[0])) == 0);
    printf("root %s\n", link_at("/proc/self/root"));
    char directory[] = "/tmp/norn-cwd-XXXXXX";
    mkdtemp(directory);
    chdir(directory);
    printf("cwd %d\n", strcmp(link_at("/proc/self/cwd"), directory) == 0);
    rmdir(directory);
    strcat(directory, " (deleted)");
    printf("deleted %d\n", strcmp(link_at("/proc/self/cwd"), directory) == 0);
    struct stat here, there;
    printf("stat %d\n", stat("/proc/self/cwd", &here) == 0 && stat(".", &there) == 0 &&
                            here.st_ino == there.st_ino);
    return 0;
}
