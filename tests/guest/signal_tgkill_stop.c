// SG-177, SG-178, LC-018: a stop signal to one thread stops the whole process.
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int* shared;

static void* counter(void* arg)
{
    shared[1] = syscall(SYS_gettid);
    for (;;) {
        shared[0]++;
        usleep(1000);
    }
    return NULL;
}

int main(void)
{
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = fork();
    if (pid == 0) {
        pthread_t t;
        pthread_create(&t, NULL, counter, NULL);
        for (;;) pause();
    }
    while (shared[0] < 3) usleep(1000);
    syscall(SYS_tgkill, pid, shared[1], SIGSTOP);
    int status;
    waitpid(pid, &status, WUNTRACED);
    int before = shared[0];
    usleep(20000);
    printf("%04x, counter stands %d\n", status, shared[0] == before);
    kill(pid, SIGCONT);
    waitpid(pid, &status, WCONTINUED);
    while (shared[0] == before) usleep(1000);
    printf("%04x, goes on\n", status);
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    printf("%04x\n", status);
    return 0;
}
