// SG-051 SG-052 SG-063: signal, code and address of bad accesses.
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static sigjmp_buf back;
static volatile char* base;

static void handler(int sig, siginfo_t* info, void* context)
{
    (void)context;
    long where = (volatile char*)info->si_addr - base;
    printf("  signal %d code %d at base+%ld\n", sig, info->si_code, where);
    siglongjmp(back, 1);
}

static void probe(const char* what, volatile char* at, int kind)
{
    printf("%s\n", what);
    if (sigsetjmp(back, 1)) return;
    if (kind == 'r') (void)*at;
    if (kind == 'w') *at = 1;
    if (kind == 'x') ((void (*)(void))at)();
    printf("  done\n");
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, 0);
    sigaction(SIGBUS, &action, 0);
    const int anon = MAP_PRIVATE | MAP_ANONYMOUS;
    base = mmap(0, 8 * 4096, PROT_NONE, anon, -1, 0);
    probe("read of nothing allowed", base + 10, 'r');
    probe("write to nothing allowed", base + 4097, 'w');
    mprotect((void*)base, 4096, PROT_READ);
    probe("read", base, 'r');
    probe("write to read-only, untouched", base + 5, 'w');
    probe("execute what is not executable", base, 'x');
    mprotect((void*)base, 4096, PROT_WRITE);
    probe("read of write-only", base, 'r');
    mprotect((void*)base, 4096, PROT_EXEC);
    probe("read of execute-only", base, 'r');
    munmap((void*)(base + 4096), 4096);
    probe("read of a hole", base + 4096 + 8, 'r');
    probe("write to a hole", base + 2 * 4096 - 1, 'w');

    int fd = open("/tmp/mm_fault_codes", O_RDWR | O_CREAT | O_TRUNC, 0600);
    unlink("/tmp/mm_fault_codes");
    if (ftruncate(fd, 100)) return 1;
    base = mmap(0, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    probe("tail of the last page", base + 4000, 'r');
    probe("write to the tail", base + 4001, 'w');
    probe("beyond the last page", base + 5000, 'r');
    probe("write beyond", base + 2 * 4096 + 3, 'w');
    if (ftruncate(fd, 3 * 4096)) return 1;
    probe("the file grew", base + 5000, 'r');
    if (ftruncate(fd, 0)) return 1;
    probe("the file shrank", base, 'r');
    base = 0;
    probe("null", base, 'w');
    return 0;
}
