// SG-103, SG-138 to SG-140: alternate stacks: what is refused, where handlers run, SS_AUTODISARM.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1u << 31)
#endif

static char* low;
enum { size = 32768 };

static void show(const char* what, int r)
{
    int error = errno;
    stack_t now;
    sigaltstack(NULL, &now);
    printf("%s: %s, flags %x size %zu\n", what, r < 0 ? strerror(error) : "ok", now.ss_flags, now.ss_size);
}
static void handler(int s)
{
    char here;
    printf("on it: %d\n", &here > low && &here < low + size);
    stack_t other = {.ss_sp = low, .ss_size = size};
    show("change inside", sigaltstack(&other, NULL));
}

int main(void)
{
    low = malloc(size);
    show("none", 0);
    stack_t alt = {.ss_sp = low, .ss_size = 2047};
    show("2047 bytes", sigaltstack(&alt, NULL));
    alt.ss_size = size;
    alt.ss_flags = 0x10;
    show("unknown flag", sigaltstack(&alt, NULL));
    alt.ss_flags = SS_ONSTACK;
    show("SS_ONSTACK", sigaltstack(&alt, NULL));
    struct sigaction act = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
    sigaction(SIGUSR1, &act, NULL);
    raise(SIGUSR1);
    show("after", 0);
    alt.ss_flags = (int)SS_AUTODISARM;
    show("autodisarm", sigaltstack(&alt, NULL));
    alt.ss_flags = SS_DISABLE;
    show("disable", sigaltstack(&alt, NULL));
    act.sa_flags = 0;
    sigaction(SIGUSR1, &act, NULL);
    raise(SIGUSR1);
    return 0;
}
