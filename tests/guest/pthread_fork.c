// fork from a threaded program: only the forking thread lives on; atfork handlers run in order.
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <dirent.h>

static void before(void) { printf("prepare\n"); fflush(stdout); }
static void parent(void) { printf("parent\n"); fflush(stdout); }
static void child(void) { printf("child\n"); fflush(stdout); }

static void *idle(void *arg)
{
    pause();
    return NULL;
}

static int threads(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/task");
    for (struct dirent *e; (e = readdir(d));) n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

int main(void)
{
    setvbuf(stdout, NULL, _IOFBF, 4096);
    pthread_t t[3];
    for (int i = 0; i < 3; i++) pthread_create(&t[i], NULL, idle, NULL);
    printf("threads %d\n", threads());
    fflush(stdout);
    pthread_atfork(before, NULL, child);
    int fds[2];
    pipe(fds);
    pid_t pid = fork();
    if (pid == 0) {
        printf("threads %d\n", threads());
        fflush(stdout);
        pthread_create(&t[0], NULL, idle, NULL);
        printf("threads %d\n", threads());
        fflush(stdout);
        _exit(3);
    }
    int status;
    waitpid(pid, &status, 0);
    parent();
    printf("status %d\n", WEXITSTATUS(status));
    fflush(stdout);
    return 0;
}
