// LC-022, LC-036, LC-037, LC-039, LC-040: what clone shares when told to.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char stack[65536];
static volatile int memory;
static pid_t parent_tid, child_tid;

static void handler(int s) {}

static int child(void* arg)
{
    memory = 1;
    close(5);
    signal(SIGUSR1, handler);
    umask(077);
    return child_tid == getpid() && parent_tid == getpid();
}

static void run(const char* what, int flags)
{
    memory = 0;
    umask(022);
    dup2(1, 5);
    signal(SIGUSR1, SIG_DFL);
    pid_t pid = clone(child, stack + sizeof stack,
                      flags | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, NULL,
                      &parent_tid, NULL, &child_tid);
    int status;
    waitpid(pid, &status, 0);
    struct sigaction act;
    sigaction(SIGUSR1, NULL, &act);
    mode_t mask = umask(022);
    printf("%s: memory %d, closed %d, handler %d, umask %o, tids %d, parent %d, cleared %d\n", what, memory,
           fcntl(5, F_GETFD) < 0, act.sa_handler == handler, mask, WEXITSTATUS(status), parent_tid == pid,
           child_tid == 0);
}

int main(void)
{
    run("nothing", 0);
    run("VM", CLONE_VM);
    run("FILES", CLONE_FILES);
    run("FS", CLONE_FS);
    run("SIGHAND", CLONE_VM | CLONE_SIGHAND);
    run("all", CLONE_VM | CLONE_SIGHAND | CLONE_FILES | CLONE_FS);
    return 0;
}
