// mmap(2): which errno wins when several things are wrong.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void try(const char* what, void* addr, size_t length, int prot, int flags, int fd, off_t offset)
{
    void* p = mmap(addr, length, prot, flags, fd, offset);
    printf("%s: %s\n", what, p == MAP_FAILED ? strerrorname_np(errno) : "mapped");
    if (p != MAP_FAILED) munmap(p, length);
}

int main(void)
{
    const int anon = MAP_PRIVATE | MAP_ANONYMOUS, rw = PROT_READ | PROT_WRITE;
    int pipes[2], dir = open("/", O_RDONLY), null = open("/dev/null", O_RDWR),
                  zero = open("/dev/zero", O_RDWR);
    if (pipe(pipes)) return 1;
    try("length 0", 0, 0, rw, anon, -1, 0);
    try("length 0, bad descriptor", 0, 0, rw, MAP_PRIVATE, 99, 0);
    try("huge length", 0, -1ul, rw, anon, -1, 0);
    try("longer than the address space", 0, 1ul << 47, PROT_NONE, anon | MAP_NORESERVE, -1, 0);
    try("neither private nor shared", 0, 4096, rw, MAP_ANONYMOUS, -1, 0);
    try("misaligned offset", 0, 4096, rw, MAP_PRIVATE, zero, 100);
    try("bad descriptor", 0, 4096, rw, MAP_PRIVATE, -1, 0);
    try("directory", 0, 4096, PROT_READ, MAP_PRIVATE, dir, 0);
    try("pipe", 0, 4096, PROT_READ, MAP_PRIVATE, pipes[0], 0);
    try("write end of a pipe", 0, 4096, PROT_READ, MAP_PRIVATE, pipes[1], 0);
    try("/dev/null", 0, 4096, PROT_READ, MAP_PRIVATE, null, 0);
    try("/dev/zero", 0, 4096, rw, MAP_PRIVATE, zero, 0);
    try("/dev/zero shared", 0, 4096, rw, MAP_SHARED, zero, 0);
    try("fixed and misaligned", (void*)0x10001, 4096, rw, anon | MAP_FIXED, -1, 0);
    try("fixed beyond the end", (void*)0x7ffffffff000, 4096, rw, anon | MAP_FIXED, -1, 0);
    try("huge pages of none", 0, 2 << 20, rw, anon | MAP_HUGETLB, -1, 0);
    try("huge pages of a plain file", 0, 4096, PROT_READ, MAP_PRIVATE | MAP_HUGETLB, dir, 0);
    try("shared, validated, anonymous", 0, 4096, rw, MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1, 0);
    try("shared and growing down", 0, 4096, rw, MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0);
    try("offset that overflows", 0, 8192, PROT_READ, MAP_PRIVATE, zero, (off_t)0x7ffffffffffff000);
    try("hint that is not aligned", (void*)0x123456789, 4096, rw, anon, -1, 0);
    return 0;
}
