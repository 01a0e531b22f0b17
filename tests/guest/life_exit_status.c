// LC-129, LC-148, SG-010: what wait4 says of exit codes: only the low eight bits arrive.
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    const int codes[] = {0, 1, 255, 256, 0x1234, -1};
    for (unsigned i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        pid_t pid = fork();
        if (pid == 0) _exit(codes[i]);
        int status = 0;
        pid_t got = waitpid(pid, &status, 0);
        printf("%d: %s %04x\n", codes[i], got == pid ? "own" : "other", status);
    }
    return 7;
}
