// A file seen through read, write and a shared mapping is one.
#include "show.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
    char text[16] = {0};
    int fd = open("f", O_CREAT | O_RDWR, 0644);
    SHOW(ftruncate(fd, 8192));
    char* map = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char* own = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    printf("%d\n", map[5000]);
    SHOW_NUMBER(pwrite(fd, "written", 7, 5000));
    printf("%.7s %.7s\n", map + 5000, own + 5000);
    memcpy(map + 100, "mapped", 6);
    SHOW_NUMBER(pread(fd, text, 6, 100));
    puts(text);
    own[100] = 'P';
    printf("%.6s %.6s\n", map + 100, own + 100);
    SHOW_NUMBER(pwrite(fd, "later", 5, 5000));
    printf("%.7s\n", own + 5000);
    own[5000] = '#';
    SHOW_NUMBER(pwrite(fd, "again", 5, 5000));
    printf("%.7s\n", own + 5000);
    SHOW(unlink("f"));
    close(fd);
    printf("%.6s\n", map + 100);
    return 0;
}
