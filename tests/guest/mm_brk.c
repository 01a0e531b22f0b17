// brk(2): up, down, zeroed again, not below the start, not into a mapping, RLIMIT_DATA.
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static char* move_to(char* to)
{
    return (char*)syscall(SYS_brk, to);
}

int main(void)
{
    setvbuf(stdout, 0, _IONBF, 0);
    char* start = move_to(0);
    char* aligned = (char*)(((unsigned long)start + 4095) & ~4095ul);
    printf("grow: %d\n", move_to(aligned + 3 * 4096) == aligned + 3 * 4096);
    aligned[0] = aligned[2 * 4096] = 'a';
    printf("odd: %d\n", move_to(aligned + 2 * 4096 + 7) == aligned + 2 * 4096 + 7);
    printf("kept: %c\n", aligned[2 * 4096]);
    printf("shrink: %d\n", move_to(aligned + 4096) == aligned + 4096);
    printf("grow: %d\n", move_to(aligned + 3 * 4096) == aligned + 3 * 4096);
    printf("zeroed %d, kept %c\n", aligned[2 * 4096], aligned[0]);
    printf("below the start: %d\n", move_to((char*)4096) == aligned + 3 * 4096);
    char* wall = mmap(aligned + 5 * 4096, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    printf("wall: %d\n", wall == aligned + 5 * 4096);
    printf("at the wall: %d\n", move_to(aligned + 5 * 4096) == aligned + 3 * 4096);
    printf("a page before: %d\n", move_to(aligned + 4 * 4096) == aligned + 4 * 4096);
    munmap(wall, 4096);
    struct rlimit limit = {1 << 20, 1 << 20};
    setrlimit(RLIMIT_DATA, &limit);
    printf("past the limit: %d\n", move_to(aligned + (4 << 20)) == aligned + 4 * 4096);
    printf("back: %d\n", move_to(start) == start);
    return 0;
}
