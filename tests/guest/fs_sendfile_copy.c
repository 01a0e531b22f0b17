// sendfile(2), copy_file_range(2).
#include "show.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

int main(void)
{
    char text[64] = {0};
    int a = open("a", O_CREAT | O_RDWR, 0644), b = open("b", O_CREAT | O_RDWR, 0644);
    int pipes[2];
    if (pipe(pipes) || write(a, "0123456789", 10) != 10) return 1;
    off_t at = 3;
    SHOW_NUMBER(sendfile(b, a, &at, 4));
    printf("%ld %ld\n", (long)at, (long)lseek(a, 0, SEEK_CUR));
    lseek(a, 0, SEEK_SET);
    SHOW_NUMBER(sendfile(pipes[1], a, 0, 100));
    SHOW_NUMBER(read(pipes[0], text, 64));
    puts(text);
    SHOW_NUMBER(sendfile(b, pipes[0], 0, 4));
    SHOW_NUMBER(sendfile(99, a, 0, 4));
    SHOW_NUMBER(sendfile(open("b", O_WRONLY | O_APPEND), a, 0, 4));
    loff_t from = 0, to = 20;
    SHOW_NUMBER(copy_file_range(a, &from, b, &to, 5, 0));
    printf("%ld %ld\n", (long)from, (long)to);
    SHOW_NUMBER(lseek(b, 0, SEEK_END));
    SHOW_NUMBER(copy_file_range(a, &from, a, &from, 5, 0));
    SHOW_NUMBER(copy_file_range(a, &from, b, &to, 5, 1));
    SHOW_NUMBER(copy_file_range(a, 0, pipes[1], 0, 5, 0));
    from = 100;
    SHOW_NUMBER(copy_file_range(a, &from, b, &to, 5, 0));
    SHOW_NUMBER(copy_file_range(a, &from, open(".", O_RDONLY), 0, 5, 0));
    return 0;
}
