// SG-125 to SG-128, SG-130: where the frame is and what a handler is given.
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

uint64_t entry_rsp, entry_rdi, entry_rsi, entry_rdx, entry_rax, entry_flags;
static uint64_t outer_rsp;
static int checked;

__attribute__((used)) static void check(void)
{
    ucontext_t* uc = (ucontext_t*)entry_rdx;
    siginfo_t* info = (siginfo_t*)entry_rsi;
    uint64_t rsp = entry_rsp;
    printf("rsp mod 16: %lu, context at %lu, info at %lu\n", rsp % 16, entry_rdx - rsp, entry_rsi - rsp);
    printf("rdi %lu rax %lu, direction %lu\n", entry_rdi, entry_rax, entry_flags & 0x400);
    printf("signo %d code %d pid %d\n", info->si_signo, info->si_code, info->si_pid == getpid());
    printf("cs %llx ss %llx\n", uc->uc_mcontext.gregs[REG_CSGSFS] & 0xffff,
           (unsigned long long)uc->uc_mcontext.gregs[REG_CSGSFS] >> 48);
    printf("saved direction %llx\n", uc->uc_mcontext.gregs[REG_EFL] & 0x400);
    printf("link %p, mask %lx\n", (void*)uc->uc_link, *(unsigned long*)&uc->uc_sigmask);
    printf("below the red zone: %d\n", rsp + 440 <= outer_rsp - 128);
    printf("image aligned: %d\n", (uintptr_t)uc->uc_mcontext.fpregs % 64 == 0);
    checked = 1;
}

__attribute__((naked)) static void handler(int s)
{
    __asm__(
        "mov %rsp, entry_rsp(%rip)\n mov %rdi, entry_rdi(%rip)\n mov %rsi, entry_rsi(%rip)\n"
        "mov %rdx, entry_rdx(%rip)\n mov %rax, entry_rax(%rip)\n pushf\n pop %rax\n"
        "mov %rax, entry_flags(%rip)\n sub $8, %rsp\n call check\n add $8, %rsp\n ret");
}

int main(void)
{
    struct sigaction act = {.sa_flags = SA_SIGINFO};
    act.sa_handler = handler;
    sigaction(SIGUSR1, &act, NULL);
    long pid = getpid(), result;
    __asm__ volatile("mov %%rsp, %1\n std\n syscall\n cld"
                     : "=a"(result), "=m"(outer_rsp)
                     : "a"(62L), "D"(pid), "S"((long)SIGUSR1)
                     : "rcx", "r11", "memory");
    printf("kill: %ld, handled %d\n", result, checked);
    return 0;
}
