// ioctl(2) requests of file systems, on one that shares no blocks between files: which refusal comes first.
#include "show.h"

#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
    int pipes[2], size = 0, fs_size = 0, ready = 0, block = 7, below = -1;
    loff_t length = 0;
    int memory = memfd_create("a", 0), other = memfd_create("b", 0), here = open("f", O_CREAT | O_RDWR, 0644);
    int directory = open(".", O_RDONLY), null = open("/dev/null", O_RDWR);
    if (pipe(pipes) || write(memory, "abcdef", 6) != 6) return 1;
    int reads = open("/proc/self/fd/3", O_RDONLY), appends = open("/proc/self/fd/3", O_RDWR | O_APPEND);
    struct fiemap map = {.fm_length = 100};

    puts("FICLONE");
    SHOW(ioctl(other, FICLONE, memory));
    SHOW(ioctl(here, FICLONE, memory));
    SHOW(ioctl(here, FICLONE, pipes[0]));
    SHOW(ioctl(here, FICLONE, directory));
    SHOW(ioctl(directory, FICLONE, here));
    SHOW(ioctl(pipes[1], FICLONE, pipes[0]));
    SHOW(ioctl(reads, FICLONE, other));
    SHOW(ioctl(appends, FICLONE, other));
    SHOW(ioctl(here, FICLONE, 99));
    SHOW(ioctl(99, FICLONE, here));
    struct file_clone_range range = {.src_fd = memory};
    SHOW(ioctl(other, FICLONERANGE, &range));
    SHOW(ioctl(here, FICLONERANGE, &range));
    SHOW(ioctl(here, FICLONERANGE, 8));

    puts("FIDEDUPERANGE");
    struct file_dedupe_range same = {.dest_count = 0};
    SHOW(ioctl(memory, FIDEDUPERANGE, &same));
    SHOW(ioctl(directory, FIDEDUPERANGE, &same));
    SHOW(ioctl(pipes[0], FIDEDUPERANGE, &same));
    SHOW(ioctl(memory, FIDEDUPERANGE, 8));
    same.reserved1 = 1;
    SHOW(ioctl(memory, FIDEDUPERANGE, &same));
    same.dest_count = 200;
    SHOW(ioctl(memory, FIDEDUPERANGE, &same));

    puts("what a file system has");
    SHOW(ioctl(memory, FS_IOC_FIEMAP, &map));
    SHOW(ioctl(pipes[0], FS_IOC_FIEMAP, &map));
    SHOW(ioctl(memory, FS_IOC_FIEMAP, 8));
    SHOW(ioctl(memory, FIGETBSZ, &size));
    SHOW(ioctl(directory, FIGETBSZ, &fs_size));
    printf("%d %d\n", size, fs_size);
    SHOW(ioctl(memory, FIGETBSZ, 8));
    SHOW(ioctl(memory, FIBMAP, &block));
    SHOW(ioctl(memory, FIBMAP, &below));
    printf("%d %d\n", block, below);
    SHOW(ioctl(memory, FIBMAP, 8));
    SHOW(ioctl(pipes[0], FIBMAP, &block));
    SHOW(ioctl(memory, FIFREEZE, 0));
    SHOW(ioctl(memory, FITHAW, 0));

    puts("sizes");
    lseek(memory, 2, SEEK_SET);
    SHOW(ioctl(memory, FIONREAD, &ready));
    SHOW(ioctl(memory, FIOQSIZE, &length));
    printf("%d %lld\n", ready, (long long)length);
    SHOW(ioctl(null, FIOQSIZE, &length));
    SHOW(ioctl(null, FIONREAD, &ready));
    SHOW(ioctl(directory, FIONREAD, &ready));

    puts("without privilege");
    if (setuid(65534)) return 1;
    SHOW(ioctl(memory, FIBMAP, &block));
    SHOW(ioctl(memory, FIFREEZE, 0));
    return 0;
}
