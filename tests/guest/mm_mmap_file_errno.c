// mmap(2) of a file: what the open mode allows, now and by mprotect later.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void try(const char* what, int fd, int prot, int flags, int later)
{
    void* p = mmap(0, 4096, prot, flags, fd, 0);
    printf("%s: %s", what, p == MAP_FAILED ? strerrorname_np(errno) : "mapped");
    if (p != MAP_FAILED) printf(", then %s", mprotect(p, 4096, later) ? strerrorname_np(errno) : "changed");
    printf("\n");
    if (p != MAP_FAILED) munmap(p, 4096);
}

int main(void)
{
    const char* name = "/tmp/mm_mmap_file_errno";
    const int rw = PROT_READ | PROT_WRITE;
    int both = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (write(both, "x", 1) != 1) return 1;
    int reads = open(name, O_RDONLY), writes = open(name, O_WRONLY), path = open(name, O_PATH);
    int append = open(name, O_RDWR | O_APPEND);
    try("read-only, private, write", reads, rw, MAP_PRIVATE, rw);
    try("read-only, shared, write", reads, rw, MAP_SHARED, rw);
    try("read-only, shared, read", reads, PROT_READ, MAP_SHARED, rw);
    try("read-only, private, read", reads, PROT_READ, MAP_PRIVATE, rw);
    try("write-only, private", writes, PROT_READ, MAP_PRIVATE, rw);
    try("write-only, shared", writes, PROT_WRITE, MAP_SHARED, rw);
    try("write-only, shared, none", writes, PROT_NONE, MAP_SHARED, rw);
    try("both, shared", both, PROT_READ, MAP_SHARED, rw);
    try("append, shared", append, rw, MAP_SHARED, rw);
    try("path only", path, PROT_READ, MAP_PRIVATE, rw);
    try("both, private, growing down", both, PROT_READ, MAP_PRIVATE | MAP_GROWSDOWN, rw);
    try("both, validated", both, rw, MAP_SHARED_VALIDATE, rw);
    try("both, validated, unknown flag", both, rw, MAP_SHARED_VALIDATE | 0x800000, rw);
    try("both, shared, unknown flag", both, rw, MAP_SHARED | 0x800000, rw);
    try("exec", both, PROT_READ, MAP_PRIVATE, PROT_READ | PROT_EXEC);
    unlink(name);
    return 0;
}
