// PF-102: the rows of limits and how they follow setrlimit.
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

int main(void)
{
    struct rlimit limit = {1000, 2000};
    setrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 0;
    limit.rlim_max = RLIM_INFINITY;
    setrlimit(RLIMIT_CORE, &limit);
    limit.rlim_cur = limit.rlim_max = 128;
    setrlimit(RLIMIT_NOFILE, &limit);
    char line[256];
    FILE* file = fopen("/proc/self/limits", "r");
    while (fgets(line, sizeof line, file)) {
        const int whole = strstr(line, "Limit") || strstr(line, "file size") || strstr(line, "core file") ||
                          strstr(line, "open files");
        if (whole)
            printf("%s", line);
        else
            printf("%.26s%s", line, line + 68);
    }
    return 0;
}
