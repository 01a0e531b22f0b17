// LC-130, LC-131: a leader that exits first is no zombie for wait until the last thread is gone, whose
// code is the group's.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void* last(void* arg)
{
    char c;
    read(*(int*)arg, &c, 1);
    syscall(SYS_exit, 5);
    return NULL;
}

int main(void)
{
    int go[2];
    pipe(go);
    pid_t pid = fork();
    if (pid == 0) {
        close(go[1]);
        pthread_t t;
        pthread_create(&t, NULL, last, &go[0]);
        syscall(SYS_exit, 9);
    }
    close(go[0]);
    usleep(50000);
    int status = 0;
    printf("while a thread lives: %d\n", waitpid(pid, &status, WNOHANG));
    close(go[1]);
    printf("then: %d %04x\n", waitpid(pid, &status, 0) == pid, status);
    return 0;
}
