// truncate(2), ftruncate(2): what was cut off comes back as zeros.
#include "show.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
    char bytes[16] = {0};
    struct stat st;
    int fd = open("f", O_CREAT | O_RDWR, 0644);
    SHOW_NUMBER(write(fd, "0123456789", 10));
    SHOW(ftruncate(fd, 4));
    SHOW(ftruncate(fd, 8));
    SHOW_NUMBER(pread(fd, bytes, 16, 0));
    for (int i = 0; i < 8; ++i) printf("%d ", bytes[i]);
    puts("");
    SHOW_NUMBER(lseek(fd, 0, SEEK_CUR));
    SHOW(truncate("f", 0));
    SHOW(stat("f", &st));
    printf("%ld\n", (long)st.st_size);
    SHOW(truncate("none", 0));
    SHOW(truncate(".", 0));
    SHOW(truncate("f", -1));
    SHOW(truncate("f/x", 1));
    SHOW(ftruncate(open("f", O_RDONLY), 0));
    SHOW(ftruncate(99, 0));
    int pipes[2];
    if (pipe(pipes)) return 1;
    SHOW(ftruncate(pipes[1], 0));
    return 0;
}
