// SG-051, SG-052, SG-054, SG-056, SG-059, SG-060: the codes of faults.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <ucontext.h>

static sigjmp_buf back;
static volatile int signo, code;
static volatile long address, trap;

static void handler(int s, siginfo_t* info, void* context)
{
    signo = s;
    code = info->si_code;
    address = (long)info->si_addr;
    trap = ((ucontext_t*)context)->uc_mcontext.gregs[REG_TRAPNO];
    siglongjmp(back, 1);
}

#define TRY(what, action)                                                    \
    do {                                                                     \
        if (!sigsetjmp(back, 1)) {                                           \
            action;                                                          \
        }                                                                    \
        printf("%s: signal %d code %d trap %ld\n", what, signo, code, trap); \
    } while (0)

int main(void)
{
    struct sigaction act = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    for (int s = SIGILL; s <= SIGSEGV; s++) sigaction(s, &act, NULL);
    char* page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    volatile int zero = 0, one = 1;
    TRY("read of 16", (void)*(volatile char*)16);
    printf("address %ld\n", address);
    TRY("write to read-only", *(volatile char*)page = 1);
    printf("address %d\n", address == (long)page);
    TRY("jump to data", ((void (*)(void))page)());
    TRY("non-canonical", (void)*(volatile char*)(1ul << 62));
    printf("address %ld\n", address);
    TRY("hlt", __asm__ volatile("hlt"));
    TRY("int3", __asm__ volatile("int3"));
    TRY("ud2", __asm__ volatile("ud2"));
    TRY("division", one = one / zero);
    return 0;
}
