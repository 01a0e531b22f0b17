// PF-010, PF-011: handles that outlive the process.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    const char* names[] = {"stat", "status", "statm", "comm", "cmdline", "limits", "maps", "environ"};
    int fd[8];
    char path[64], text[256];
    for (int i = 0; i < 8; ++i) {
        sprintf(path, "/proc/%d/%s", child, names[i]);
        fd[i] = open(path, O_RDONLY);
    }
    sprintf(path, "/proc/%d", child);
    int directory = open(path, O_RDONLY | O_DIRECTORY);
    kill(child, SIGKILL);
    waitpid(child, 0, 0);
    for (int i = 0; i < 8; ++i) {
        int size = pread(fd[i], text, sizeof text, 0);
        printf("%s: %s\n", names[i], size < 0 ? strerror(errno) : size == 0 ? "empty" : "text");
    }
    struct stat about;
    printf("fstat %d\n", fstat(directory, &about));
    int child_fd = openat(directory, "stat", O_RDONLY);
    printf("child: %d %s\n", child_fd, strerror(errno));
    int path_fd = open(path, O_RDONLY);
    printf("path: %d %s\n", path_fd, strerror(errno));
    return 0;
}
