// PF-149, PF-151, PF-152, PF-154, PF-185: what tools compute from the global files makes sense.
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static long value_of(const char* path, const char* key)
{
    char line[4096];
    long value = -1;
    FILE* file = fopen(path, "r");
    while (fgets(line, sizeof line, file))
        if (strncmp(line, key, strlen(key)) == 0) sscanf(line + strlen(key), "%ld", &value);
    fclose(file);
    return value;
}

static int lines_with(const char* path, const char* key)
{
    char line[8192];
    int count = 0;
    FILE* file = fopen(path, "r");
    while (fgets(line, sizeof line, file)) count += strncmp(line, key, strlen(key)) == 0;
    fclose(file);
    return count;
}

int main(void)
{
    const int cpus = sysconf(_SC_NPROCESSORS_ONLN);
    printf("cpuinfo %d, stat %d\n", lines_with("/proc/cpuinfo", "processor") == cpus,
           lines_with("/proc/stat", "cpu") == cpus + 1);
    const long total = value_of("/proc/meminfo", "MemTotal:"), available = value_of("/proc/meminfo", "MemFree:");
    printf("memory %d %d\n", total > 0, available > 0 && available <= total);
    printf("pages %d\n", sysconf(_SC_PHYS_PAGES) == total / 4);
    double up, idle, later;
    fscanf(fopen("/proc/uptime", "r"), "%lf %lf", &up, &idle);
    usleep(100000);
    fscanf(fopen("/proc/uptime", "r"), "%lf", &later);
    printf("uptime %d\n", later > up + 0.05);
    const long forks = value_of("/proc/stat", "processes");
    if (vfork() == 0) _exit(0);
    printf("forks %d\n", value_of("/proc/stat", "processes") > forks);
    float load[3];
    int runnable, tasks, last;
    printf("loadavg %d\n", fscanf(fopen("/proc/loadavg", "r"), "%f %f %f %d/%d %d", load, load + 1, load + 2,
                                  &runnable, &tasks, &last));
    printf("filesystems %d\n", lines_with("/proc/filesystems", "nodev\tproc\n"));
    printf("mounts %d\n", lines_with("/proc/mounts", "proc /proc proc "));
    return 0;
}
