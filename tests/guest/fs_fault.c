// read(2), write(2): a bad address after good bytes gives what was done; before any, EFAULT.
#include "show.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
    struct stat st;
    char* page = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page + 4096, 4096);
    memset(page, 'p', 4096);
    int fd = open("f", O_CREAT | O_RDWR, 0644);
    SHOW_NUMBER(write(fd, page + 4000, 96));
    SHOW_NUMBER(write(fd, (void*)8, 4));
    SHOW_NUMBER(lseek(fd, 0, SEEK_SET));
    SHOW_NUMBER(read(fd, (void*)8, 4));
    SHOW_NUMBER(read(fd, page, 0));
    SHOW(fstat(fd, (struct stat*)8));
    SHOW(stat((char*)8, &st));
    SHOW_NUMBER(write(fd, (void*)8, 0));
    int pipes[2];
    if (pipe(pipes)) return 1;
    SHOW_NUMBER(write(pipes[1], (void*)8, 4));
    SHOW_NUMBER(write(pipes[1], "ab", 2));
    SHOW_NUMBER(read(pipes[0], (void*)8, 2));
    SHOW(pipe((int*)8));
    SHOW_NUMBER(read(pipes[0], page, 2));
    return 0;
}
