// LC-109, LC-110: how long one argument and all of them together may be.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void one(const char* what, char** argv)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        char* none[] = {NULL};
        execve("/bin/true", argv, none);
        _exit(errno);
    }
    int status;
    waitpid(pid, &status, 0);
    printf("%s: %s\n", what, WEXITSTATUS(status) ? strerror(WEXITSTATUS(status)) : "ran");
}

int main(void)
{
    char* big = malloc(131073);
    memset(big, 'a', 131072);
    char* argv[40] = {"x", big, NULL};
    big[131071] = 0;
    one("131071 characters", argv);
    big[131071] = 'a';
    big[131072] = 0;
    one("131072 characters", argv);
    big[131000] = 0;
    for (int i = 1; i < 16; i++) argv[i] = big;
    argv[15] = NULL;
    one("14 of them", argv);
    for (int i = 1; i < 17; i++) argv[i] = big;
    argv[17] = NULL;
    one("16 of them", argv);
    return 0;
}
