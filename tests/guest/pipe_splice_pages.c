// Pages of a file go into a pipe as they are: a partial one takes a buffer, and nothing is added to it
// (splice(2), sendfile(2)); tee and splice to a pipe that nobody reads (EPIPE).
#include "show.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/sendfile.h>
#include <unistd.h>

static char bytes[200000];

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const int fd = open("file", O_RDWR | O_CREAT, 0644);
    write(fd, bytes, sizeof bytes);
    int ends[2], other[2];
    pipe2(ends, O_NONBLOCK);
    off_t at = 5;
    SHOW_NUMBER(sendfile(ends[1], fd, &at, sizeof bytes));
    printf("at %ld\n", (long)at);
    SHOW_NUMBER(sendfile(ends[1], fd, &at, 10));
    SHOW_NUMBER(read(ends[0], bytes, sizeof bytes));
    loff_t from = 10;
    SHOW_NUMBER(splice(fd, &from, ends[1], NULL, 10000, 0));
    SHOW_NUMBER(splice(fd, &from, ends[1], NULL, 100000, 0));
    SHOW_NUMBER(splice(fd, &from, ends[1], NULL, 10, SPLICE_F_NONBLOCK));
    printf("from %ld\n", (long)from);
    SHOW_NUMBER(read(ends[0], bytes, sizeof bytes));
    SHOW_NUMBER(splice(fd, &from, ends[1], NULL, 3, 0));
    SHOW_NUMBER(write(ends[1], "abc", 3));
    SHOW_NUMBER(write(ends[1], bytes, 14 * 4096));
    SHOW_NUMBER(write(ends[1], bytes, 4096));
    from = 0;
    SHOW_NUMBER(copy_file_range(open("/proc/self/status", O_RDONLY), &from, fd, NULL, 10, 0));
    SHOW_NUMBER(sendfile(fd, fd, &at, -1));
    pipe(other);
    close(other[0]);
    SHOW_NUMBER(tee(ends[0], other[1], 1, 0));
    SHOW_NUMBER(splice(ends[0], NULL, other[1], NULL, 1, 0));
}
