// No race: a process waits for its child, and that one for its parent, by looking again and again.
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void wait_for(volatile int *word, int value, int yields)
{
    while (*word != value)
        if (yields) sched_yield();
}

int main(int argc, char **argv)
{
    const int yields = argc > 1 && strcmp(argv[1], "yields") == 0;
    volatile int *word = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (fork() == 0) {
        *word = 1;
        wait_for(word, 2, yields);
        _exit(0);
    }
    wait_for(word, 1, yields);
    *word = 2;
    wait(0);
    return 0;
}
