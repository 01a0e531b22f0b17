// vm.overcommit_memory 0: absurd promises are refused, MAP_NORESERVE ones are not.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static void try(const char* what, int prot, int flags)
{
    void* p = mmap(0, 1ul << 44, prot, flags | MAP_ANONYMOUS, -1, 0);
    printf("%s: %s\n", what, p == MAP_FAILED ? strerrorname_np(errno) : "mapped");
    if (p != MAP_FAILED) munmap(p, 1ul << 44);
}

int main(void)
{
    const int rw = PROT_READ | PROT_WRITE;
    try("private", rw, MAP_PRIVATE);
    try("private, noreserve", rw, MAP_PRIVATE | MAP_NORESERVE);
    try("private, none", PROT_NONE, MAP_PRIVATE);
    try("private, read", PROT_READ, MAP_PRIVATE);
    try("shared", rw, MAP_SHARED);
    try("shared, noreserve", rw, MAP_SHARED | MAP_NORESERVE);
    void* p = mmap(0, 1ul << 44, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    printf("made writable: %s\n", mprotect(p, 1ul << 44, rw) ? strerrorname_np(errno) : "done");
    printf("a part: %s\n", mprotect(p, 1 << 20, rw) ? strerrorname_np(errno) : "done");
    return 0;
}
