// Runs a command as a fresh login would have it, whatever started the tests left behind: every signal at
// its default and none blocked (the C library's own two real-time signals included, which is why this
// asks the kernel and not sigaction), no descriptor beyond standard error, the usual umask.
//   plain COMMAND [ARGUMENT…]
#define _GNU_SOURCE
#include <linux/close_range.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char** argv)
{
    struct {
        void* handler;
        unsigned long flags;
        void* restorer;
        unsigned long mask;
    } standard = {0};
    unsigned long none = 0;
    for (int s = 1; s <= 64; s++) syscall(SYS_rt_sigaction, s, &standard, 0, sizeof none);
    syscall(SYS_rt_sigprocmask, 2 /* SIG_SETMASK */, &none, 0, sizeof none);
    syscall(SYS_close_range, 3, ~0u, 0);
    umask(022);
    if (argc > 1) execvp(argv[1], argv + 1);
    perror("plain");
    return 127;
}
