// PF-042, PF-051: the lines of /proc/self/status that every kernel of the last years has, in their order.
#include <stdio.h>
#include <string.h>

static const char* keys[] = {
    "Name", "Umask", "State", "Tgid", "Ngid", "Pid", "PPid", "TracerPid", "Uid", "Gid", "FDSize", "Groups",
    "VmPeak", "VmSize", "VmLck", "VmPin", "VmHWM", "VmRSS", "RssAnon", "RssFile", "RssShmem", "VmData", "VmStk",
    "VmExe", "VmLib", "VmPTE", "VmSwap", "Threads", "SigQ", "SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt",
    "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Cpus_allowed",
    "Cpus_allowed_list", "Mems_allowed", "Mems_allowed_list", "voluntary_ctxt_switches",
    "nonvoluntary_ctxt_switches"};

int main(void)
{
    FILE* status = fopen("/proc/self/status", "r");
    char line[4096];
    while (fgets(line, sizeof line, status)) {
        char* tab = strstr(line, ":\t");
        if (!tab) {
            printf("odd line: %s", line);
            continue;
        }
        *tab = 0;
        for (unsigned i = 0; i < sizeof keys / sizeof *keys; ++i)
            if (strcmp(keys[i], line) == 0) printf("%s %s\n", line, strstr(tab + 2, " kB\n") ? "kB" : "");
    }
    return 0;
}
