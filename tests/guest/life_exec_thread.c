// LC-116, LC-117: exec in a thread ends the others and takes the leader's number.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char** args;

static void* sleeper(void* arg)
{
    pause();
    return arg;
}
static void* runs(void* arg)
{
    char pid[20];
    snprintf(pid, sizeof pid, "%d", getpid());
    execl(args[0], args[0], pid, NULL);
    return arg;
}

int main(int argc, char** argv)
{
    if (argc > 1) {
        printf("pid kept %d, tid is pid %d\n", getpid() == atoi(argv[1]), getpid() == syscall(SYS_gettid));
        return 4;
    }
    args = argv;
    for (int leader_exits = 0; leader_exits < 2; leader_exits++) {
        fflush(stdout);
        pid_t pid = fork();
        if (pid == 0) {
            pthread_t t;
            for (int i = 0; i < 3; i++) pthread_create(&t, NULL, sleeper, NULL);
            pthread_create(&t, NULL, runs, NULL);
            if (leader_exits) syscall(SYS_exit, 1);
            pause();
        }
        int status;
        waitpid(pid, &status, 0);
        printf("%04x\n", status);
    }
    return 0;
}
