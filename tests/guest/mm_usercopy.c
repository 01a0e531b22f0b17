// System calls on bad or half-bad memory: EFAULT, short counts, copy-on-write by the kernel's writes.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char* what, long result)
{
    printf("%s: %ld %s\n", what, result, result < 0 ? strerrorname_np(errno) : "");
}

int main(void)
{
    const int rw = PROT_READ | PROT_WRITE;
    int pipes[2];
    if (pipe2(pipes, O_NONBLOCK)) return 1;
    char* volatile nowhere = (char*)8;
    char *p = mmap(0, 3 * 4096, rw, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *edge = p + 2 * 4096;
    mprotect(edge, 4096, PROT_NONE);
    memset(p, 'x', 2 * 4096);
    say("write from nowhere", write(pipes[1], nowhere, 10));
    say("write across an edge", write(pipes[1], edge - 10, 20));
    say("read to nowhere", read(pipes[0], nowhere, 5));
    char bytes[64];
    say("what is left", read(pipes[0], bytes, sizeof bytes));
    mprotect(p, 4096, PROT_READ);
    if (write(pipes[1], "hello", 5) != 5) return 1;
    say("read to read-only", read(pipes[0], p, 5));
    mprotect(p, 4096, rw);
    say("read to writable", read(pipes[0], p, 5));
    fflush(stdout);
    if (fork() == 0) {
        if (write(pipes[1], "child", 5) != 5) return 1;
        say("child reads", read(pipes[0], p, 5));
        return 0;
    }
    wait(0);
    printf("parent still has %.5s\n", p);
    strcpy(edge - 6, "/none");
    say("path at the edge", open(edge - 6, O_RDONLY));
    memset(edge - 6, '/', 6);
    say("path over the edge", open(edge - 6, O_RDONLY));
    struct stat* st = (struct stat*)(edge - 16);
    say("stat over the edge", stat("/", st));
    static struct iovec vectors[1030] = {{"ab", 2}, {(void*)8, 2}, {"cd", 2}};
    say("writev with a bad one", writev(pipes[1], vectors, 3));
    say("writev of too many", writev(pipes[1], vectors, 1025));
    vectors[1].iov_len = -1ul;
    say("writev of a negative length", writev(pipes[1], vectors, 3));
    say("writev of nowhere", writev(pipes[1], (struct iovec*)nowhere, 1));
    return 0;
}
