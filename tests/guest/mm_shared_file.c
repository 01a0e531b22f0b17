// A shared mapping of a file, another of the same file, and read(2) and write(2) all see one another.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    const char* name = "/tmp/mm_shared_file";
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600), other = open(name, O_RDWR);
    if (ftruncate(fd, 2 * 4096)) return 1;
    char* a = mmap(0, 2 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char* b = mmap(0, 4096, PROT_READ, MAP_SHARED, other, 4096);
    char* private = mmap(0, 2 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    char text[32] = {0};
    close(fd);
    strcpy(a, "through the mapping");
    if (pread(other, text, sizeof text - 1, 0) < 0) return 1;
    printf("read: %s\n", text);
    printf("private, not yet written: %s\n", private);
    strcpy(private + 100, "mine");
    strcpy(a, "changed");
    printf("private, page written before: %s, %s\n", private, private + 100);
    if (pwrite(other, "by write", 9, 4096) != 9) return 1;
    printf("a: %s, b: %s\n", a + 4096, b);
    if (fork() == 0) {
        strcpy(a + 4096, "by the child");
        _exit(0);
    }
    wait(0);
    printf("b: %s, private: %s\n", b, private + 4096);
    printf("msync %d\n", msync(a, 2 * 4096, MS_SYNC));
    munmap(a, 2 * 4096);
    printf("after munmap: %s\n", b);
    unlink(name);
    printf("after unlink: %s\n", b);
    return 0;
}
