// mremap(2): in place, shrinking, moving, to a fixed place, and its errors.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096ul
static char* fresh(size_t pages)
{
    return mmap(0, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
static const char* outcome(void* p)
{
    return p == MAP_FAILED ? strerrorname_np(errno) : "done";
}

int main(void)
{
    unsigned char seen[8];
    char* arena = fresh(32);
    munmap(arena + PAGE, 15 * PAGE);
    strcpy(arena, "hello");
    char* p = mremap(arena, PAGE, 4 * PAGE, 0);
    printf("grow in place: %d %s\n", p == arena, p);
    p[3 * PAGE] = 'x';
    p = mremap(arena, 4 * PAGE, 17 * PAGE, 0);
    printf("blocked: %s\n", outcome(p));
    p = mremap(arena, 4 * PAGE, 2 * PAGE, 0);
    printf("shrink: %d, tail %s\n", p == arena,
           mincore(arena + 2 * PAGE, PAGE, seen) ? strerrorname_np(errno) : "there");
    p = mremap(arena, 2 * PAGE, 17 * PAGE, MREMAP_MAYMOVE);
    printf("move: %d %s, old %s\n", p != arena && p != MAP_FAILED, p,
           mincore(arena, PAGE, seen) ? strerrorname_np(errno) : "there");
    p[16 * PAGE] = 'y';
    char* target = fresh(4);
    target[0] = 't';
    char* q = mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target + PAGE);
    printf("fixed: %d %s %c\n", q == target + PAGE, q, target[0]);
    target = fresh(4);
    target[0] = 't';
    q = (char *)syscall(SYS_mremap, target, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);
    printf("dontunmap: %d %c [%d]\n", q != target && q != MAP_FAILED, q[0], target[0]);
    char* shared = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    strcpy(shared, "twice");
    char* twin = mremap(shared, 0, 2 * PAGE, MREMAP_MAYMOVE);
    twin[0] = 'T';
    printf("duplicate: %s\n", shared);

    char* e = fresh(4);
    printf("misaligned: %s\n", outcome(mremap(e + 1, PAGE, PAGE, 0)));
    printf("new size 0: %s\n", outcome(mremap(e, PAGE, 0, 0)));
    printf("fixed without maymove: %s\n", outcome(mremap(e, PAGE, PAGE, MREMAP_FIXED, target)));
    printf("bad flag: %s\n", outcome(mremap(e, PAGE, PAGE, 64)));
    printf("overlap: %s\n", outcome(mremap(e, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, e + PAGE)));
    printf("not mapped: %s\n", outcome(mremap((void*)0x10000, PAGE, 2 * PAGE, MREMAP_MAYMOVE)));
    printf("old size 0 of private: %s\n", outcome(mremap(e, 0, PAGE, MREMAP_MAYMOVE)));
    munmap(e + PAGE, PAGE);
    printf("over a hole: %s\n", outcome(mremap(e, 3 * PAGE, 4 * PAGE, MREMAP_MAYMOVE)));
    printf("too long: %s\n", outcome(mremap(e, PAGE, 1ul << 46, MREMAP_MAYMOVE)));
    printf("dontunmap of another size: %s\n",
           outcome(mremap(e, PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP)));
    return 0;
}
