// confined COMMAND [ARGS…]: runs a command that dies if it makes a call for which Norn must have no need.
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SECCOMP_RET_KILL_PROCESS
#define SECCOMP_RET_KILL_PROCESS 0x80000000u
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define END(action) BPF_STMT(BPF_RET | BPF_K, (action))
#define FORBID(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 1), END(SECCOMP_RET_KILL_PROCESS)

// The processor's virtual machines, counters and namespaces, other processes' memory, what only newer
// kernels or privileged containers allow.
static struct sock_filter filter[] = {
    LOAD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
    END(SECCOMP_RET_KILL_PROCESS),
    LOAD(nr),
    FORBID(ptrace),
    FORBID(process_vm_readv),
    FORBID(process_vm_writev),
    FORBID(unshare),
    FORBID(setns),
    FORBID(mount),
    FORBID(umount2),
    FORBID(pivot_root),
    FORBID(chroot),
    FORBID(perf_event_open),
    FORBID(bpf),
    FORBID(userfaultfd),
    FORBID(io_uring_setup),
    FORBID(io_uring_enter),
    FORBID(io_uring_register),
    FORBID(seccomp),
    FORBID(personality),
    FORBID(modify_ldt),
    FORBID(keyctl),
    FORBID(setuid),
    FORBID(setgroups),
    END(SECCOMP_RET_ALLOW),
};

int main(int argc, char** argv)
{
    const struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    if (argc < 2) return 125;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        fprintf(stderr, "confined: %s\n", strerror(errno));
        return 125;
    }
    execvp(argv[1], argv + 1);
    fprintf(stderr, "confined: %s: %s\n", argv[1], strerror(errno));
    return 127;
}
