// LC-023 to LC-031, LC-038, LC-041, LC-049: what clone and clone3 refuse.
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct args {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size,
        cgroup;
    uint64_t more[2];
};

static void after(const char* what, long r)
{
    int error = errno;
    if (r == 0) _exit(0);
    printf("%s: %s\n", what, r < 0 ? strerror(error) : "ok");
    fflush(stdout);
    if (r > 0) waitpid(r, NULL, __WALL);
}
static void legacy(const char* what, unsigned long flags)
{
    after(what, syscall(SYS_clone, flags, 0L, 0L, 0L, 0L));
}
static void three(const char* what, struct args a, size_t size)
{
    after(what, syscall(SYS_clone3, &a, size));
}

int main(void)
{
    legacy("SIGHAND alone", CLONE_SIGHAND | SIGCHLD);
    legacy("THREAD alone", CLONE_THREAD | SIGCHLD);
    legacy("THREAD and VM", CLONE_THREAD | CLONE_VM);
    legacy("NEWNS and FS", CLONE_NEWNS | CLONE_FS | SIGCHLD);
    legacy("exit signal 200", 200);
    legacy("DETACHED", 0x400000 | SIGCHLD);
    legacy("PIDFD and DETACHED", CLONE_PIDFD | 0x400000 | SIGCHLD);
    legacy("PIDFD and PARENT_SETTID", CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD);
    legacy("PIDFD to nowhere", CLONE_PIDFD | SIGCHLD);
    after("bad tls", syscall(SYS_clone, CLONE_SETTLS | SIGCHLD, 0L, 0L, 0L, 1ul << 63));
    after("bad tid addresses",
          syscall(SYS_clone, CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, 0L, 1L, 1L, 0L));
    struct args ok = {.exit_signal = SIGCHLD}, a = ok;
    three("size 0", ok, 0);
    three("size 63", ok, 63);
    three("size 64", ok, 64);
    three("size 104", ok, 104);
    three("size 4097", ok, 4097);
    a.more[1] = 1;
    three("unknown tail", a, 104);
    after("bad pointer", syscall(SYS_clone3, 8L, 64L));
    a = ok, a.exit_signal = 65;
    three("exit signal 65", a, 64);
    a = ok, a.flags = SIGCHLD;
    three("signal in flags", a, 64);
    a = ok, a.flags = 1ull << 35;
    three("unknown flag", a, 64);
    a = ok, a.flags = 0x400000;
    three("DETACHED", a, 64);
    a = ok, a.flags = CLONE_VM | CLONE_SIGHAND | 1ull << 32;
    three("SIGHAND and CLEAR_SIGHAND", a, 64);
    a = ok, a.flags = CLONE_PARENT;
    three("PARENT with a signal", a, 64);
    a = ok, a.stack = 4096;
    three("stack without size", a, 64);
    a = ok, a.stack_size = 4096;
    three("size without stack", a, 64);
    a = ok, a.set_tid_size = 1;
    three("set_tid without array", a, 88);
    return 0;
}
