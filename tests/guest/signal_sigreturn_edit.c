// SG-134, SG-136: a handler may change what its context restores.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <ucontext.h>
#include <xmmintrin.h>

static int drop_fp;

static void handler(int s, siginfo_t* info, void* context)
{
    ucontext_t* uc = context;
    printf("in handler: mxcsr %x\n", _mm_getcsr());
    uc->uc_mcontext.gregs[REG_RIP] += 2;
    uc->uc_mcontext.gregs[REG_RAX] = 1234;
    if (drop_fp) uc->uc_mcontext.fpregs = NULL;
}

int main(void)
{
    struct sigaction act = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGILL, &act, NULL);
    for (drop_fp = 0; drop_fp < 2; drop_fp++) {
        long rax = 1;
        _mm_setcsr(0x7f80);
        __asm__ volatile("ud2" : "+a"(rax));
        printf("rax %ld, mxcsr %x\n", rax, _mm_getcsr());
        _mm_setcsr(0x1f80);
    }
    return 0;
}
