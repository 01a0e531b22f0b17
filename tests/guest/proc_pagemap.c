// PF-079: /proc/PID/pagemap: which pages are there, which are of files or shared.
#include "show.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { page = 4096 };

static int fd;

static void word(const char* what, const char* address)
{
    uint64_t w = 1;
    if (pread(fd, &w, sizeof w, (uintptr_t)address / page * sizeof w) != sizeof w) puts("short");
    printf("%s: present %d, swapped %d, shared %d, frame %d\n", what, (int)(w >> 63), (int)(w >> 62 & 1),
           (int)(w >> 61 & 1), (w & ((1ull << 55) - 1)) != 0);
}

int main(void)
{
    char bytes[64];
    int file = open("f", O_CREAT | O_RDWR, 0644);
    write(file, "text", 4);
    char* own = mmap(0, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char* all = mmap(0, 4 * page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char* of_file = mmap(0, page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    char* copied = mmap(0, page, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    own[page] = all[2 * page] = of_file[0] = copied[0] = 'x';
    fd = open("/proc/self/pagemap", O_RDONLY);
    word("own, untouched", own);
    word("own, written", own + page);
    word("shared, untouched", all);
    word("shared, written", all + 2 * page);
    word("of a file", of_file);
    word("copied from a file", copied);
    word("nothing", (char*)(16 * page));
    munmap(own + page, page);
    word("unmapped", own + page);
    SHOW_NUMBER(pread(fd, bytes, 8, 4));
    SHOW_NUMBER(pread(fd, bytes, 7, 8));
    SHOW_NUMBER(pread(fd, bytes, 64, 8));
    SHOW_NUMBER(pread(fd, bytes, 0, 0));
    SHOW_NUMBER(pread(fd, bytes, 8, 1l << 60));
    pid_t child = fork();
    if (child == 0) {
        for (;;) pause();
    }
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/pagemap", child);
    fd = open(path, O_RDONLY);
    word("a child's", copied);
    kill(child, SIGKILL);
    waitpid(child, 0, 0);
    SHOW_NUMBER(pread(fd, bytes, 8, 0));
    return 0;
}
