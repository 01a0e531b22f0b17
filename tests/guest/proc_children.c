// PF-114: the children of a thread, in order of birth, zombies among them.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t child[3];

static void show(const char* what)
{
    char path[64], text[256] = {0};
    sprintf(path, "/proc/self/task/%d/children", getpid());
    FILE* file = fopen(path, "r");
    int size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    printf("%s:", what);
    for (char* word = strtok(text, " "); word; word = strtok(0, " "))
        for (int i = 0; i < 3; ++i) {
            char number[16];
            sprintf(number, "%d", child[i]);
            if (strcmp(number, word) == 0) printf(" %d", i);
        }
    printf("%s\n", size == 0 ? " none" : "");
}

int main(void)
{
    show("before");
    for (int i = 0; i < 3; ++i)
        if ((child[i] = fork()) == 0) {
            pause();
            _exit(0);
        }
    show("three");
    kill(child[1], SIGKILL);
    siginfo_t info;
    waitid(P_PID, child[1], &info, WEXITED | WNOWAIT);
    show("a zombie");
    waitpid(child[1], 0, 0);
    show("two");
    for (int i = 0; i < 3; i += 2) kill(child[i], SIGKILL), waitpid(child[i], 0, 0);
    show("after");
    return 0;
}
