// MAP_32BIT: in the first two gigabytes; MREMAP to more than there is: EINVAL (mmap(2), mremap(2)).
#include "show.h"

#include <sys/mman.h>

int main(void)
{
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    char* low = mmap(NULL, 8192, PROT_READ | PROT_WRITE, flags | MAP_32BIT, -1, 0);
    printf("low: %d\n", (unsigned long)low < 1ul << 31 && (unsigned long)low >= 1ul << 30);
    low[0] = 1;
    char* other = mmap(NULL, 4096, PROT_READ, flags | MAP_32BIT, -1, 0);
    printf("another: %d\n", other != low && (unsigned long)other < 1ul << 31);
    char* high = mmap(NULL, 4096, PROT_READ | PROT_WRITE, flags, -1, 0);
    printf("high: %d\n", (unsigned long)high > 1ul << 31);
    SHOW(mmap(NULL, 3ul << 30, PROT_NONE, flags | MAP_32BIT | MAP_NORESERVE, -1, 0) == MAP_FAILED ? -1 : 0);
    SHOW(mremap(high, 4096, -4096, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0);
    SHOW(mremap(high, 4096, 1ul << 47, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0);
    char name[300];
    memset(name, 'n', sizeof name);
    name[249] = 0;
    SHOW(memfd_create(name, 0));
    name[249] = 'n', name[250] = 0;
    SHOW(memfd_create(name, 0));
}
