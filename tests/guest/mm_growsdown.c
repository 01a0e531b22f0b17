// A MAP_GROWSDOWN mapping grows to meet accesses below it and keeps a guard gap.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>

static sigjmp_buf back;
static void handler(int sig, siginfo_t* info, void* context)
{
    (void)context;
    printf("signal %d code %d\n", sig, info->si_code);
    siglongjmp(back, 1);
}

static void touch(const char* what, volatile char* at)
{
    printf("%s: ", what);
    if (sigsetjmp(back, 1)) return;
    *at = 1;
    printf("written\n");
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, 0);
    const int rw = PROT_READ | PROT_WRITE, anon = MAP_PRIVATE | MAP_ANONYMOUS;
    char* arena = mmap(0, 4096 * 4096ul, rw, anon, -1, 0);
    munmap(arena, 4096 * 4096ul);
    char* top = arena + 2048 * 4096ul;
    char* p = mmap(top, 4096, rw, anon | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
    printf("placed %d\n", p == top);
    touch("just below", top - 1);
    touch("a hundred pages below", top - 100 * 4096);
    mmap(top - 500 * 4096, 4096, rw, anon | MAP_FIXED, -1, 0);
    touch("before the gap", top - 240 * 4096);
    touch("in the gap", top - 250 * 4096);
    touch("next to the mapping", top - 499 * 4096);
    munmap(top - 500 * 4096, 4096);
    touch("the way is free", top - 300 * 4096);
    return 0;
}
