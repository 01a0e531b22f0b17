// PF-168: at most vm.max_map_count mappings; ENOMEM beyond, also for a split.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

int main(void)
{
    const size_t pages = 140000;
    char* p =
        mmap(0, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    size_t made = 0;
    errno = 0;
    while (made < pages && mprotect(p + made * 4096, 4096, PROT_READ) == 0) made += 2;
    printf("%s after about %zu\n", strerrorname_np(errno), made / 2000);
    printf("split: %s\n", munmap(p + (pages - 10) * 4096, 4096) ? strerrorname_np(errno) : "done");
    printf("new: %s\n", mmap(0, 4096, PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
                            ? strerrorname_np(errno)
                            : "done");
    printf("all away: %d\n", munmap(p, pages * 4096));
    return 0;
}
