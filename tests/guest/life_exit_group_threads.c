// LC-129, SG-199: exit_group and a fatal signal end all threads.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void* sleeper(void* arg)
{
    pause();
    return arg;
}
static void* killer(void* arg)
{
    if (*(int*)arg) kill(getpid(), SIGTERM);
    _exit(3);
}

int main(void)
{
    for (int how = 0; how < 2; how++) {
        pid_t pid = fork();
        if (pid == 0) {
            pthread_t t;
            for (int i = 0; i < 3; i++) pthread_create(&t, NULL, sleeper, NULL);
            pthread_create(&t, NULL, killer, &how);
            pause();
            pause();
        }
        int status;
        waitpid(pid, &status, 0);
        printf("%04x\n", status);
    }
    return 0;
}
