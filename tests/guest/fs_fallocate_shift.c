// programs.md fallocate: taking ranges out of a file, putting holes in, what each mode refuses; holes under mappings.
#include "show.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { page = 4096 };

static void contents(int fd)
{
    struct stat st;
    fstat(fd, &st);
    printf("%ld:", (long)st.st_size);
    for (off_t at = 0; at < st.st_size; at += page) {
        char byte = 0;
        pread(fd, &byte, 1, at);
        printf(" %c", byte ? byte : '-');
    }
    puts("");
}

static void limited(int signo)
{
    printf("signal %d\n", signo);
}

int main(void)
{
    char bytes[page];
    int fd = open("f", O_CREAT | O_RDWR, 0644);
    for (char c = 'a'; c < 'g'; ++c) {
        memset(bytes, c, page);
        write(fd, bytes, page);
    }
    write(fd, "tail", 4);
    const char* seen = mmap(0, 8 * page, PROT_READ, MAP_SHARED, fd, 0);
    contents(fd);
    SHOW(fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, page, 2 * page));
    contents(fd);
    printf("mapped %c%c\n", seen[page], seen[2 * page]);
    SHOW(fallocate(fd, FALLOC_FL_INSERT_RANGE, 2 * page, 3 * page));
    contents(fd);
    printf("mapped %c %d\n", seen[page], seen[2 * page]);
    SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 100, page));
    printf("mapped %c %d %d %c\n", seen[0], seen[100], seen[page + 99], seen[page + 100]);
    SHOW(fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 100, page));
    SHOW(fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, 100 * page));
    SHOW(fallocate(fd, FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_KEEP_SIZE, 0, page));
    SHOW(fallocate(fd, FALLOC_FL_INSERT_RANGE, 100 * page, page));
    SHOW(fallocate(fd, FALLOC_FL_INSERT_RANGE, page, 100));
    SHOW(fallocate(fd, FALLOC_FL_INSERT_RANGE | FALLOC_FL_KEEP_SIZE, 0, page));
    SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 0, page));
    SHOW(fallocate(fd, 0, 0x7fffffffffff0000, page));
    contents(fd);

    // A hole of almost everything takes no time.
    SHOW(ftruncate(fd, 1l << 40));
    SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, page, 1l << 39));
    SHOW_NUMBER(lseek(fd, page, SEEK_DATA));

    int memory = memfd_create("m", 0);
    SHOW(fallocate(memory, 0, 0, page));
    SHOW(fallocate(memory, FALLOC_FL_ZERO_RANGE, 0, page));
    SHOW(fallocate(memory, FALLOC_FL_COLLAPSE_RANGE, 0, page));
    SHOW(fallocate(memory, FALLOC_FL_INSERT_RANGE, 0, page));

    signal(SIGXFSZ, limited);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){page, page});
    SHOW(fallocate(memory, 0, 0, 2 * page));
    SHOW(fallocate(memory, FALLOC_FL_KEEP_SIZE, 0, 2 * page));
    return 0;
}
