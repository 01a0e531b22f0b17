// mlock(2) and its family: counts, RLIMIT_MEMLOCK for those without CAP_IPC_LOCK, errors.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static const char* outcome(int result)
{
    return result ? strerrorname_np(errno) : "done";
}

int main(void)
{
    char* p = mmap(0, 32 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned char seen;
    printf("mlock: %s\n", outcome(mlock(p + 10, 4096)));
    printf("present: %d\n", mincore(p + 4096, 4096, &seen) == 0 && (seen & 1));
    printf("dontneed of locked: %s\n", outcome(madvise(p, 4096, MADV_DONTNEED)));
    printf("munlock: %s\n", outcome(munlock(p, 2 * 4096)));
    printf("dontneed: %s\n", outcome(madvise(p, 4096, MADV_DONTNEED)));
    printf("mlock2 unknown flag: %s\n", outcome(mlock2(p, 4096, 8)));
    printf("mlock2 onfault: %s\n", outcome(mlock2(p, 4096, MLOCK_ONFAULT)));
    printf("mlockall 0: %s\n", outcome(mlockall(0)));
    printf("mlockall onfault alone: %s\n", outcome(mlockall(MCL_ONFAULT)));
    munmap(p + 8 * 4096, 4096);
    printf("over a hole: %s\n", outcome(mlock(p, 16 * 4096)));
    printf("munlock over a hole: %s\n", outcome(munlock(p, 16 * 4096)));
    printf("munlockall: %s\n", outcome(munlockall()));
    struct rlimit limit = {4 * 4096, 4 * 4096};
    setrlimit(RLIMIT_MEMLOCK, &limit);
    if (getuid() == 0 && setuid(65534)) return 1;
    printf("within the limit: %s\n", outcome(mlock(p, 4 * 4096)));
    printf("beyond: %s\n", outcome(mlock(p + 4 * 4096, 4096)));
    printf("map locked: %s\n",
           mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0) == MAP_FAILED
               ? strerrorname_np(errno)
               : "done");
    munlock(p, 4 * 4096);
    limit.rlim_cur = 0;
    setrlimit(RLIMIT_MEMLOCK, &limit);
    printf("no limit left: %s\n", outcome(mlock(p, 4096)));
    return 0;
}
