// LC-058 to LC-062, SG-217: exec resets handlers, keeps ignored ones, the mask and what is pending.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void handler(int s) {}

int main(int argc, char** argv)
{
    if (argc > 1) {
        struct sigaction act;
        for (int s = SIGUSR1; s <= SIGTERM; s++) {
            if (s == SIGSEGV) continue;
            sigaction(s, NULL, &act);
            printf("%d %s\n", s,
                   act.sa_handler == SIG_DFL   ? "default"
                   : act.sa_handler == SIG_IGN ? "ignored"
                                               : "?");
        }
        sigset_t set;
        sigprocmask(SIG_BLOCK, NULL, &set);
        printf("blocked hup %d int %d\n", sigismember(&set, SIGHUP), sigismember(&set, SIGINT));
        sigpending(&set);
        printf("pending hup %d int %d\n", sigismember(&set, SIGHUP), sigismember(&set, SIGINT));
        stack_t old;
        sigaltstack(NULL, &old);
        printf("altstack flags %d\n", old.ss_flags);
        return 0;
    }
    signal(SIGUSR1, handler);
    signal(SIGUSR2, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGHUP);
    stack_t alt = {.ss_sp = malloc(16384), .ss_size = 16384};
    sigaltstack(&alt, NULL);
    execl(argv[0], argv[0], "again", NULL);
    return 1;
}
