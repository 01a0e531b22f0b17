// LC-081 LC-082: madvise(2): what is dropped, kept, wiped or left out of a child; errors.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const char* outcome(int result)
{
    return result ? strerrorname_np(errno) : "done";
}

int main(void)
{
    const int rw = PROT_READ | PROT_WRITE, anon = MAP_PRIVATE | MAP_ANONYMOUS;
    char *p = mmap(0, 8 * 4096, rw, anon, -1, 0),
         *shared = mmap(0, 4096, rw, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memset(p, 'a', 8 * 4096);
    *shared = 's';
    printf("dontneed: %s\n", outcome(madvise(p, 4096, MADV_DONTNEED)));
    printf("[%d] %c\n", p[0], p[4096]);
    printf("dontneed shared: %s\n", outcome(madvise(shared, 4096, MADV_DONTNEED)));
    printf("%c\n", *shared);
    printf("remove: %s\n", outcome(madvise(shared, 4096, MADV_REMOVE)));
    printf("[%d]\n", *shared);
    printf("remove private: %s\n", outcome(madvise(p, 4096, MADV_REMOVE)));
    printf("wipe: %s\n", outcome(madvise(p + 4096, 4096, MADV_WIPEONFORK)));
    printf("wipe shared: %s\n", outcome(madvise(shared, 4096, MADV_WIPEONFORK)));
    printf("dontfork: %s\n", outcome(madvise(p + 2 * 4096, 4096, MADV_DONTFORK)));
    fflush(stdout);
    if (fork() == 0) {
        unsigned char seen;
        printf("child: wiped [%d], kept %c, left out %s\n", p[4096], p[3 * 4096],
               mincore(p + 2 * 4096, 4096, &seen) ? strerrorname_np(errno) : "there");
        return 0;
    }
    wait(0);
    printf("parent: %c %c\n", p[4096], p[2 * 4096]);
    printf("keep: %s, dofork: %s\n", outcome(madvise(p + 4096, 4096, MADV_KEEPONFORK)),
           outcome(madvise(p + 2 * 4096, 4096, MADV_DOFORK)));
    fflush(stdout);
    if (fork() == 0) {
        printf("child: %c %c\n", p[4096], p[2 * 4096]);
        return 0;
    }
    wait(0);
    printf("free: %s, shared: %s\n", outcome(madvise(p, 4096, MADV_FREE)),
           outcome(madvise(shared, 4096, MADV_FREE)));
    for (int hint = MADV_NORMAL; hint <= MADV_WILLNEED; hint++)
        printf("%d: %s\n", hint, outcome(madvise(p, 4096, hint)));
    printf("populate: %s %s\n", outcome(madvise(p, 4096, MADV_POPULATE_READ)),
           outcome(madvise(p, 4096, MADV_POPULATE_WRITE)));
    mprotect(p, 4096, PROT_NONE);
    printf("populate none: %s\n", outcome(madvise(p, 4096, MADV_POPULATE_READ)));
    printf("unknown: %s\n", outcome(madvise(p, 4096, 77)));
    printf("misaligned: %s\n", outcome(madvise(p + 1, 4096, MADV_DONTNEED)));
    munmap(p + 4096, 4096);
    p[2 * 4096] = 'z';
    printf("over a hole: %s\n", outcome(madvise(p, 4 * 4096, MADV_DONTNEED)));
    printf("[%d]\n", p[2 * 4096]);
    printf("empty: %s\n", outcome(madvise(p, 0, MADV_DONTNEED)));
    printf("dontdump: %s\n", outcome(madvise(p, 4096, MADV_DONTDUMP)));
    return 0;
}
