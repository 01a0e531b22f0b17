// SG-064: a stack grows to RLIMIT_STACK; beyond it SIGSEGV, which an alternate stack can take.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static long deepest;
static void handler(int sig, siginfo_t* info, void* context)
{
    (void)context;
    printf("signal %d code %d after %ld KiB or so\n", sig, info->si_code, deepest / 64 * 64);
    fflush(stdout);
    _exit(3);
}

static int recurse(int depth)
{
    volatile char frame[1024];
    memset((void*)frame, depth, sizeof frame);
    asm volatile("" : : "r"(frame) : "memory");  // or a compiler sees that little of it is ever used
    deepest = depth;
    if (depth < 0) return 0;
    return recurse(depth + 1) + frame[7];
}

int main(void)
{
    static char alternate[65536];
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
    struct rlimit limit = {1 << 20, 1 << 20};
    fflush(stdout);
    for (int with = 0; with < 2; with++) {
        pid_t child = fork();
        if (child == 0) {
            setrlimit(RLIMIT_STACK, &limit);
            limit.rlim_cur = 0;
            setrlimit(RLIMIT_CORE, &limit);
            struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};
            if (with) sigaltstack(&stack, 0);
            sigaction(SIGSEGV, &action, 0);
            exit(recurse(0));
        }
        int status;
        waitpid(child, &status, 0);
        if (WIFSIGNALED(status)) printf("killed by %d\n", WTERMSIG(status));
        if (WIFEXITED(status)) printf("exited with %d\n", WEXITSTATUS(status));
        fflush(stdout);
    }
    return 0;
}
