// Code that a program writes: run, overwritten, copied by fork, seen through a second mapping.
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

// mov eax, VALUE; ret
static void emit(unsigned char* at, int value)
{
    at[0] = 0xb8;
    memcpy(at + 1, &value, 4);
    at[5] = 0xc3;
}

static int call(unsigned char* at)
{
    return ((int (*)(void))at)();
}

int main(void)
{
    const int rwx = PROT_READ | PROT_WRITE | PROT_EXEC;
    unsigned char* code = mmap(0, 4096, rwx, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    emit(code, 1);
    emit(code + 100, 100);
    printf("%d %d\n", call(code), call(code + 100));
    emit(code, 2);
    printf("%d %d\n", call(code), call(code + 100));
    fflush(stdout);
    if (fork() == 0) {
        emit(code + 100, 300);
        printf("child %d %d\n", call(code), call(code + 100));
        return 0;
    }
    wait(0);
    printf("%d %d\n", call(code), call(code + 100));

    int fd = memfd_create("code", 0);
    if (ftruncate(fd, 4096)) return 1;
    unsigned char* write_view = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    unsigned char* exec_view = mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    int sum = 0;
    for (int i = 0; i < 100; i++) {
        emit(write_view, i);
        sum += call(exec_view);
    }
    printf("two views %d\n", sum);
    unsigned char bytes[6];
    emit(bytes, 77);
    if (pwrite(fd, bytes, 6, 0) != 6) return 1;
    printf("by write %d\n", call(exec_view));
    mprotect(code, 4096, PROT_READ | PROT_EXEC);
    mprotect(code, 4096, rwx);
    emit(code, 5);
    printf("%d\n", call(code));
    return 0;
}
