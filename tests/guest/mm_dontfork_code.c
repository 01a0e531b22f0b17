// Code that fork does not share is not there in the child, though the parent has run it (MADV_DONTFORK), and is
// zeros there after MADV_WIPEONFORK.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void try_in_child(int advice, const char *name)
{
    static const unsigned char forty_two[] = {0xb8, 42, 0, 0, 0, 0xc3};  // mov eax, 42 ; ret
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(page, forty_two, sizeof forty_two);
    int (*code)(void) = (int (*)(void))page;
    int sum = 0;
    for (int i = 0; i < 1000; i++) sum += code();
    const int advised = advice ? madvise(page, 4096, advice) : 0;
    fflush(stdout);
    if (fork() == 0) {
        // Zeros are add [rax], al, and rax leads nowhere.
        int value;
        __asm__ volatile("xor %%eax, %%eax; call *%1" : "=&a"(value) : "r"(code) : "memory", "cc");
        _exit(value);
    }
    int status = 0;
    wait(&status);
    printf("%s: %d %d, in the child %s %d, then %d\n", name, sum, advised, WIFSIGNALED(status) ? "signal" : "value",
           WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), code());
}

int main(void)
{
    try_in_child(0, "shared");
    try_in_child(MADV_DONTFORK, "dontfork");
    try_in_child(MADV_WIPEONFORK, "wipeonfork");
    return 0;
}
