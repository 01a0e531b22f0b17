// PF-160, PF-162, PF-168, PF-169, PF-171: values of /proc/sys that programs read.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static char* get(const char* name)
{
    static char text[2][256];
    static int turn;
    char path[128], *into = text[turn++ % 2];
    sprintf(path, "/proc/sys/%s", name);
    memset(into, 0, 256);
    int fd = open(path, O_RDONLY);
    if (read(fd, into, 255) < 0) return "unreadable\n";
    close(fd);
    return into;
}

int main(void)
{
    const char* same[] = {"kernel/ngroups_max", "kernel/cap_last_cap", "kernel/overflowuid", "kernel/ostype",
                          "kernel/domainname",  "fs/pipe-max-size",    "fs/nr_open",         "vm/overcommit_memory",
                          "kernel/msgmax"};
    for (unsigned i = 0; i < sizeof same / sizeof *same; ++i) printf("%s: %s", same[i], get(same[i]));
    struct utsname name;
    uname(&name);
    printf("release %d, hostname %d\n",
           strncmp(get("kernel/osrelease"), name.release, strlen(name.release)) == 0,
           strncmp(get("kernel/hostname"), name.nodename, strlen(name.nodename)) == 0);
    char* one = get("kernel/random/boot_id");
    printf("boot id stays %d\n", strcmp(one, get("kernel/random/boot_id")) == 0);
    one = get("kernel/random/uuid");
    printf("uuid changes %d, length %d\n", strcmp(one, get("kernel/random/uuid")) != 0, (int)strlen(one));
    int fd = open("/proc/sys/vm/no-such", O_RDONLY);
    printf("none: %d %s\n", fd, strerror(errno));
    return 0;
}
