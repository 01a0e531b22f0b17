// unshare of what clone shared: descriptors, the working directory; what cannot be taken apart (unshare(2)).
// LC-036, LC-037.
#include "show.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char stack[65536];

static int child(void* argument)
{
    SHOW(unshare(CLONE_FILES | CLONE_FS));
    close(5);
    chdir("inner");
    umask(0777);
    SHOW(fcntl(5, F_GETFD));
    return fflush(stdout);
}

static void* thread(void* argument)
{
    SHOW(unshare(CLONE_THREAD));
    SHOW(unshare(CLONE_SIGHAND));
    SHOW(unshare(CLONE_VM));
    SHOW(unshare(CLONE_FS));
    return NULL;
}

int main(void)
{
    mkdir("inner", 0755);
    dup2(1, 5);
    umask(022);
    fflush(stdout);
    const pid_t pid = clone(child, stack + sizeof stack, CLONE_FILES | CLONE_FS | SIGCHLD, NULL);
    waitpid(pid, NULL, 0);
    SHOW(fcntl(5, F_GETFD));
    SHOW(access("inner", F_OK));
    printf("umask %o\n", umask(022));
    SHOW(unshare(0));
    SHOW(unshare(1));
    SHOW(unshare(CLONE_THREAD | CLONE_SIGHAND | CLONE_VM));
    SHOW(unshare(CLONE_PARENT));
    pthread_t other;
    pthread_create(&other, NULL, thread, NULL);
    pthread_join(other, NULL);
}
