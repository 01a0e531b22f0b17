// PF-081: reading and writing a process's memory through mem.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
    setvbuf(stdout, 0, _IONBF, 0);
    int mem = open("/proc/self/mem", O_RDWR);
    char here[16] = "own memory", text[16] = {0};
    int size = pread(mem, text, 11, (off_t)(long)here);
    printf("read %d %s\n", size, text);
    printf("write %d\n", (int)pwrite(mem, "new", 4, (off_t)(long)here));
    printf("now %s\n", here);
    char* page = mmap(0, 2 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page + 4096, 4096);
    int forced = pwrite(mem, "x", 1, (off_t)(long)page);
    printf("read-only %d %c\n", forced, page[0]);
    char big[8192];
    printf("up to a hole %d\n", (int)pread(mem, big, 200, (off_t)(long)page + 4096 - 100));
    int hole = pread(mem, text, 4, (off_t)(long)page + 4096);
    printf("a hole %d %s\n", hole, strerror(errno));
    int nothing = pread(mem, text, 4, 0);
    printf("nothing at 0: %d %s\n", nothing, strerror(errno));
    return 0;
}
