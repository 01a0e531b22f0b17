// memfd_create(2): a file of memory, mapped twice, grown, shrunk and sealed.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char* outcome(long result)
{
    return result < 0 ? strerrorname_np(errno) : "done";
}

int main(void)
{
    const int rw = PROT_READ | PROT_WRITE;
    int fd = memfd_create("name", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    struct stat st;
    char text[16] = {0}, link[64] = {0}, path[64];
    printf("grow: %s\n", outcome(ftruncate(fd, 8192)));
    fstat(fd, &st);
    printf("size %ld links %ld mode %o\n", (long)st.st_size, (long)st.st_nlink, st.st_mode);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (readlink(path, link, sizeof link - 1) > 0) printf("%s\n", link);
    char *a = mmap(0, 8192, rw, MAP_SHARED, fd, 0), *b = mmap(0, 8192, rw, MAP_SHARED, fd, 0);
    strcpy(a + 4096, "shared");
    if (fork() == 0) {
        b[4096] = 'S';
        _exit(0);
    }
    wait(0);
    if (pread(fd, text, 7, 4096) != 7) return 1;
    printf("%s %s\n", text, b + 4096);
    printf("seal write while mapped: %s\n", outcome(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE)));
    munmap(a, 8192);
    munmap(b, 8192);
    printf("seal: %s\n", outcome(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)));
    printf("write: %s\n", outcome(write(fd, "x", 1)));
    printf("shrink: %s\n", outcome(ftruncate(fd, 0)));
    printf("grow: %s\n", outcome(ftruncate(fd, 1 << 20)));
    printf("map shared: %s\n", outcome(mmap(0, 8192, rw, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0));
    printf("map private: %s\n", outcome(mmap(0, 8192, rw, MAP_PRIVATE, fd, 0) == MAP_FAILED ? -1 : 0));
    printf("seals: %d\n", fcntl(fd, F_GET_SEALS));
    int plain = memfd_create("", 0);
    printf("not allowed: %s\n", outcome(fcntl(plain, F_ADD_SEALS, F_SEAL_WRITE)));
    printf("bad flags: %s\n", outcome(memfd_create("x", 0x1000)));
    return 0;
}
