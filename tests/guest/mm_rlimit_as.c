// LC-259: RLIMIT_AS and RLIMIT_DATA refuse mappings with ENOMEM.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

static void try(const char* what, size_t length, int prot, int flags)
{
    void* p = mmap(0, length, prot, flags | MAP_ANONYMOUS, -1, 0);
    printf("%s: %s\n", what, p == MAP_FAILED ? strerrorname_np(errno) : "mapped");
    if (p != MAP_FAILED) munmap(p, length);
}

int main(void)
{
    const int rw = PROT_READ | PROT_WRITE;
    struct rlimit limit = {64 << 20, RLIM_INFINITY};
    setrlimit(RLIMIT_DATA, &limit);
    try("data beyond", 128 << 20, rw, MAP_PRIVATE);
    try("data within", 16 << 20, rw, MAP_PRIVATE);
    try("not data", 128 << 20, PROT_READ, MAP_PRIVATE);
    try("shared is not data", 128 << 20, rw, MAP_SHARED);
    char* p = mmap(0, 128 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    printf("becomes data: %s\n", mprotect(p, 128 << 20, rw) ? strerrorname_np(errno) : "done");
    munmap(p, 128 << 20);
    limit.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_DATA, &limit);
    limit.rlim_cur = 256 << 20;
    setrlimit(RLIMIT_AS, &limit);
    try("space beyond", 512 << 20, PROT_NONE, MAP_PRIVATE);
    try("space within", 64 << 20, PROT_NONE, MAP_PRIVATE);
    p = mmap(0, 4096, rw, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    printf("growing: %s\n",
           mremap(p, 4096, 512 << 20, MREMAP_MAYMOVE) == MAP_FAILED ? strerrorname_np(errno) : "done");
    return 0;
}
