// PF-051: pages of files and of shared memory count as resident, each in its class.
#include "show.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static long value(const char* path, const char* key)
{
    char line[512];
    long number = -1;
    FILE* f = fopen(path, "r");
    while (number < 0 && fgets(line, sizeof line, f))
        if (strncmp(line, key, strlen(key)) == 0) number = atol(line + strlen(key));
    fclose(f);
    return number;
}

int main(void)
{
    enum { size = 4 << 20, kib = size / 1024 };
    const char* status = "/proc/self/status";
    const long before = value(status, "VmRSS:");
    printf("code counts %d\n", value(status, "RssFile:") > 100);
    char* all = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memset(all, 1, size);
    printf("shared memory %ld\n", value(status, "RssShmem:"));
    int fd = open("f", O_CREAT | O_RDWR, 0644);
    write(fd, all, size);
    const long files = value(status, "RssFile:"), own = value(status, "RssAnon:");
    char* of_file = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    for (int i = 0; i < size; i += 4096) all[0] += of_file[i];
    printf("read %d\n", value(status, "RssFile:") - files >= kib);
    memset(of_file, 2, size / 2);
    const long copied = value(status, "RssAnon:") - own, left = value(status, "RssFile:") - files;
    printf("copied %d, left %d\n", copied >= kib / 2 && copied < kib / 2 + 64, left >= kib / 2 && left < kib);
    printf("sum %d\n", value(status, "VmRSS:") == value(status, "RssAnon:") + value(status, "RssFile:") + value(status, "RssShmem:"));
    printf("all %d\n", value(status, "VmRSS:") - before >= 2 * kib - 64);
    printf("peak %d\n", value(status, "VmHWM:") >= value(status, "VmRSS:"));
    printf("rollup %d\n", value("/proc/self/smaps_rollup", "Pss_Shmem:") == kib);
    return 0;
}
