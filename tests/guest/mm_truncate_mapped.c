// A mapped file that is cut: SIGBUS past the last page (BUS_ADRERR), private copies gone as well, EFAULT for
// system calls; zeros when it grows again (mmap(2), truncate(2)).
#include "show.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static sigjmp_buf back;
static char* map;

static void on_fault(int signo, siginfo_t* info, void* context)
{
    printf("signal %d code %d offset %ld\n", signo, info->si_code, (long)((char*)info->si_addr - map));
    siglongjmp(back, 1);
}

static void look(int offset)
{
    if (sigsetjmp(back, 1) == 0) printf("byte %d: %d\n", offset, ((volatile char*)map)[offset]);
}

static void cut_and_look(int fd, int flags)
{
    int ends[2];
    map = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, flags, fd, 0);
    ftruncate(fd, 4 * 4096);
    memset(map, 'a', 4 * 4096);
    SHOW(ftruncate(fd, 4096 + 10));
    look(0), look(4096 + 9), look(4096 + 20), look(2 * 4096), look(3 * 4096 + 5);
    pipe(ends);
    SHOW_NUMBER(write(ends[1], map + 2 * 4096, 10));
    SHOW_NUMBER(write(ends[1], map + 4096, 10));
    SHOW_NUMBER(read(ends[0], map + 2 * 4096, 10));
    SHOW(ftruncate(fd, 4 * 4096));
    look(2 * 4096), look(3 * 4096 + 5);
    map[3 * 4096] = 'b';
    close(open("file", O_WRONLY | O_TRUNC));
    look(0), look(3 * 4096);
    munmap(map, 4 * 4096);
    close(ends[0]), close(ends[1]);
}

int main(void)
{
    const struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGBUS, &action, NULL);
    const int fd = open("file", O_RDWR | O_CREAT, 0644);
    cut_and_look(fd, MAP_SHARED);
    cut_and_look(fd, MAP_PRIVATE);
    // A child's copy of the mapping loses its pages too.
    ftruncate(fd, 8192);
    map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    map[4096] = 'p';
    int go[2], done[2];
    pipe(go), pipe(done);
    fflush(stdout);
    if (fork() == 0) {
        char byte;
        close(go[1]);
        map[4097] = 'c';
        write(done[1], "x", 1);
        read(go[0], &byte, 1);
        look(4097);
        fflush(stdout);
        _exit(0);
    }
    char byte;
    read(done[0], &byte, 1);
    ftruncate(fd, 4096);
    close(go[1]);
    wait(NULL);
    look(4096);
}
