// null(4), full(4): reading, writing, mapping and stat of the memory devices.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static void show(const char* path)
{
    struct stat about;
    char text[8] = "xxxxxxx";
    stat(path, &about);
    printf("%s: %o %d:%d", path, about.st_mode, major(about.st_rdev), minor(about.st_rdev));
    int fd = open(path, O_RDWR);
    int size = read(fd, text, 7);
    printf(", read %d %d", size, text[0]);
    size = write(fd, "abc", 3);
    printf(", write %d %s", size, size < 0 ? strerror(errno) : "");
    printf(", seek %d\n", (int)lseek(fd, 100, SEEK_SET));
    close(fd);
}

int main(void)
{
    show("/dev/null");
    show("/dev/zero");
    show("/dev/full");
    int zero = open("/dev/zero", O_RDWR);
    char* page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, zero, 0);
    printf("mapped %d\n", page != MAP_FAILED && page[100] == 0);
    page[0] = 1;
    int null = open("/dev/null", O_RDONLY);
    void* none = mmap(0, 4096, PROT_READ, MAP_PRIVATE, null, 0);
    printf("null mapped %d %s\n", none != MAP_FAILED, strerror(errno));
    return 0;
}
