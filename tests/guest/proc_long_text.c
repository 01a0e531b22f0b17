// PF-077: a long file of /proc read in small parts, from the middle, and again from the start.
#include "show.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
    enum { pages = 3000, size = 4096 };
    char* area = mmap(0, pages * size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < pages; i += 2) mprotect(area + i * size, size, PROT_READ | PROT_WRITE);

    int fd = open("/proc/self/smaps", O_RDONLY);
    long total = 0, lines = 0;
    char part[100], kept[100], again[100];
    for (long n; (n = read(fd, part, sizeof part)) > 0; total += n)
        for (long i = 0; i < n; ++i) lines += part[i] == '\n';
    printf("long %d, read again at the end %zd\n", total > 1000000 && lines > 20000, read(fd, part, sizeof part));

    SHOW_NUMBER(lseek(fd, 50000, SEEK_SET));
    SHOW_NUMBER(read(fd, kept, sizeof kept));
    SHOW_NUMBER(pread(fd, again, sizeof again, 50000));
    printf("the same %d\n", memcmp(kept, again, sizeof kept) == 0);
    SHOW_NUMBER(pread(fd, again, 13, 0));
    printf("an address %d\n", again[12] == '-');
    SHOW_NUMBER(lseek(fd, 0, SEEK_CUR));
    SHOW_NUMBER(read(fd, again, sizeof again));
    return 0;
}
