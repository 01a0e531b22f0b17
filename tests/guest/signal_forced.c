// SG-065, SG-066, SG-107, SG-109, SG-135: faults that cannot be handled kill.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(int s) {}

static void blocked_fault(void)
{
    sigset_t set;
    sigfillset(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    kill(getpid(), SIGSEGV);
    *(volatile char*)8 = 1;
}
static void ignored_fault(void)
{
    signal(SIGSEGV, SIG_IGN);
    kill(getpid(), SIGSEGV);
    *(volatile char*)8 = 1;
}
static void no_restorer(void)
{
    unsigned long act[4] = {(unsigned long)handler, 0, 0, 0};
    syscall(SYS_rt_sigaction, SIGUSR1, act, NULL, 8);
    kill(getpid(), SIGUSR1);
}
static void bad_altstack(void)
{
    stack_t alt = {.ss_sp = (void*)0x100000, .ss_size = 16384};
    sigaltstack(&alt, NULL);
    struct sigaction act = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
    sigaction(SIGUSR1, &act, NULL);
    raise(SIGUSR1);
}
static void bad_sigreturn(void)
{
    __asm__ volatile("mov $16, %rsp\n mov $15, %eax\n syscall");
}

int main(void)
{
    void (*const cases[])(void) = {blocked_fault, ignored_fault, no_restorer, bad_altstack, bad_sigreturn};
    for (int i = 0; i < 5; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            cases[i]();
            _exit(0);
        }
        int status;
        waitpid(pid, &status, 0);
        printf("%d: %x\n", i, status & 0x7f);
    }
    return 0;
}
