// LC-121, LC-122, LC-123: execveat by descriptor, its flags, and the command's name.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char *argv[] = {"x", NULL}, *envp[] = {NULL};

static void run(const char* what, int fd, const char* path, int flags)
{
    fflush(stdout);
    if (fork() == 0) {
        syscall(SYS_execveat, fd, path, argv, envp, flags);
        printf("%s: %s\n", what, strerror(errno));
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
}

int main(int argc, char** args)
{
    char name[16];
    if (!strcmp(args[0], "x")) {
        prctl(PR_GET_NAME, name);
        printf("running as %s\n", name);
        return 0;
    }
    char self[200];
    snprintf(self, sizeof self, "%s", args[0]);
    int fd = open(self, O_PATH | O_CLOEXEC);
    run("empty path", fd, "", AT_EMPTY_PATH);
    run("empty path without the flag", fd, "", 0);
    run("unknown flag", fd, "", 0x4000000);
    run("bad descriptor", 99, "", AT_EMPTY_PATH);
    symlink(self, "link");
    run("link", AT_FDCWD, "link", 0);
    run("link, no follow", AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW);
    int script = open("script", O_CREAT | O_WRONLY, 0755);
    write(script, "#!/bin/echo ran\n", 16);
    close(script);
    run("script", open("script", O_RDONLY | O_CLOEXEC), "", AT_EMPTY_PATH);
    return 0;
}
