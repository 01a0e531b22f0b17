// fsync(2), fdatasync(2), sync_file_range(2), posix_fadvise(2): what they refuse.
#include "show.h"

#include <fcntl.h>
#include <unistd.h>

int main(void)
{
    int fd = open("f", O_CREAT | O_RDWR, 0644), dir = open(".", O_RDONLY);
    int pipes[2];
    if (pipe(pipes)) return 1;
    SHOW(fsync(fd));
    SHOW(fsync(dir));
    SHOW(fdatasync(fd));
    SHOW(fsync(pipes[0]));
    SHOW(fdatasync(99));
    SHOW(syncfs(fd));
    SHOW(syncfs(99));
    SHOW(sync_file_range(fd, 0, 10, SYNC_FILE_RANGE_WRITE));
    SHOW(sync_file_range(fd, -1, 10, 0));
    SHOW(sync_file_range(pipes[0], 0, 10, 0));
    SHOW_NUMBER(posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL));
    SHOW_NUMBER(posix_fadvise(fd, 0, 0, 77));
    SHOW_NUMBER(posix_fadvise(pipes[0], 0, 0, POSIX_FADV_WILLNEED));
    SHOW_NUMBER(posix_fadvise(99, 0, 0, 0));
    sync();
    return 0;
}
