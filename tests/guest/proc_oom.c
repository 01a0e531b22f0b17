// PF-118, PF-119: oom_score_adj and its old scale.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void put(const char* name, const char* text)
{
    char path[64];
    sprintf(path, "/proc/self/%s", name);
    int fd = open(path, O_WRONLY);
    int size = write(fd, text, strlen(text));
    printf("%s <- %s: %d %s\n", name, text, size, size < 0 ? strerror(errno) : "");
    close(fd);
}

static int get(const char* name)
{
    char path[64], text[32] = {0};
    sprintf(path, "/proc/self/%s", name);
    int fd = open(path, O_RDONLY);
    read(fd, text, sizeof text - 1);
    close(fd);
    return atoi(text);
}

int main(void)
{
    setvbuf(stdout, 0, _IONBF, 0);
    printf("%d %d\n", get("oom_score_adj"), get("oom_adj"));
    put("oom_score_adj", "500");
    printf("%d %d, high score %d\n", get("oom_score_adj"), get("oom_adj"), get("oom_score") >= 999);
    put("oom_score_adj", " 300\n");
    put("oom_score_adj", "1001");
    put("oom_score_adj", "-1001");
    put("oom_score_adj", "abc");
    put("oom_adj", "15");
    printf("%d %d\n", get("oom_score_adj"), get("oom_adj"));
    put("oom_adj", "16");
    if (fork() == 0) {
        printf("child %d\n", get("oom_score_adj"));
        _exit(0);
    }
    wait(0);
    return 0;
}
