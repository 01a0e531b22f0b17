// process_vm_readv(2), process_vm_writev(2): another process's memory in pieces; kcmp(2): what is shared.
#include "show.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static char there[10000] = "abcdefghij";

static int kcmp(pid_t a, pid_t b, int type, long one, long other)
{
    return syscall(SYS_kcmp, a, b, type, one, other);
}

static void memory(pid_t child)
{
    char one[4] = {0}, two[5] = {0}, big[10000];
    struct iovec own[2] = {{one, 3}, {two, 4}}, other[2] = {{there, 2}, {there + 5, 5}};
    SHOW_NUMBER(process_vm_readv(child, own, 2, other, 2, 0));
    printf("[%s] [%s]\n", one, two);
    struct iovec whole = {big, sizeof big}, its = {there, sizeof there};
    memset(big, 'x', sizeof big);
    SHOW_NUMBER(process_vm_writev(child, &whole, 1, &its, 1, 0));
    memset(big, 0, sizeof big);
    SHOW_NUMBER(process_vm_readv(child, &whole, 1, &its, 1, 0));
    printf("%c %c %c\n", big[0], big[9999], there[0]);
    struct iovec nothing = {(void*)16, 100}, empty = {big, 0};
    SHOW_NUMBER(process_vm_readv(child, &whole, 1, &nothing, 1, 0));
    SHOW_NUMBER(process_vm_readv(child, &nothing, 1, &its, 1, 0));
    SHOW_NUMBER(process_vm_readv(child, &empty, 1, &its, 1, 0));
    SHOW_NUMBER(process_vm_readv(child, &whole, 1, &its, 1, 1));
    SHOW_NUMBER(process_vm_readv(child, (void*)16, 1, &its, 1, 0));
    SHOW_NUMBER(process_vm_readv(child, &whole, 2000, &its, 1, 0));
    SHOW_NUMBER(process_vm_readv(99999999, &whole, 1, &its, 1, 0));
    const char text[] = "text";
    struct iovec code = {(void*)&kcmp, 4}, new_code = {(void*)text, 4};
    SHOW_NUMBER(process_vm_writev(child, &new_code, 1, &code, 1, 0));
}

static void shared(pid_t child)
{
    const pid_t self = getpid();
    int fd = open("/dev/null", O_RDONLY), copy = dup(fd), another = open("/dev/null", O_RDONLY);
    printf("files: %d %d\n", kcmp(self, self, 0, fd, copy), kcmp(self, self, 0, fd, another) != 0);
    printf("order: %d\n", kcmp(self, self, 0, fd, another) + kcmp(self, self, 0, another, fd));
    printf("inherited: %d\n", kcmp(self, child, 0, 1, 1));
    for (int type = 1; type <= 6; ++type)
        printf("%d: self %d, child %d\n", type, kcmp(self, self, type, 0, 0), kcmp(self, child, type, 0, 0) != 0);
    SHOW_NUMBER(kcmp(self, child, 0, 1, 99));
    SHOW_NUMBER(kcmp(self, child, 8, 0, 0));
    SHOW_NUMBER(kcmp(self, 99999999, 1, 0, 0));
}

int main(void)
{
    setvbuf(stdout, 0, _IONBF, 0);
    pid_t child = fork();
    if (child == 0) {
        for (;;) pause();
    }
    memory(child);
    shared(child);
    kill(child, SIGKILL);
    waitpid(child, 0, 0);
    pid_t zombie = fork();
    if (zombie == 0) _exit(0);
    waitid(P_PID, zombie, &(siginfo_t){0}, WEXITED | WNOWAIT);
    struct iovec own = {there, 1};
    SHOW_NUMBER(process_vm_readv(zombie, &own, 1, &own, 1, 0));
    if (setuid(12345) == 0) {
        SHOW_NUMBER(process_vm_readv(getppid(), &own, 1, &own, 1, 0));
        SHOW_NUMBER(kcmp(getpid(), getppid(), 1, 0, 0));
    }
    return 0;
}
