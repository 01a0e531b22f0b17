// Copy-on-write: after fork each process sees its own writes to private memory, of every kind.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static int data = 1, bss;

int main(void)
{
    int stack = 1, *heap = malloc(sizeof *heap);
    char* map = mmap(0, 64 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *heap = 1;
    bss = 1;
    for (int i = 0; i < 64; i += 2) map[i * 4096] = (char)i;
    for (int round = 0; round < 3; round++) {
        pid_t child = fork();
        if (child == 0) {
            data += 10, bss += 10, stack += 10, *heap += 10;
            int sum = 0;
            for (int i = 0; i < 64; i++) {
                map[i * 4096] = (char)(map[i * 4096] + 1);
                sum += map[i * 4096];
            }
            pid_t grandchild = fork();
            if (grandchild == 0) {
                data += 100;
                map[0] += 50;
                _exit(data + map[0] == 1 + round + 10 + 100 + round + 51 ? 0 : 1);
            }
            int status;
            waitpid(grandchild, &status, 0);
            printf("child: %d %d %d %d sum %d map %d, grandchild %d\n", data, bss, stack, *heap, sum, map[0],
                   WEXITSTATUS(status));
            fflush(stdout);
            _exit(0);
        }
        waitpid(child, 0, 0);
        int sum = 0;
        for (int i = 0; i < 64; i++) sum += map[i * 4096];
        printf("parent: %d %d %d %d sum %d\n", data, bss, stack, *heap, sum);
        fflush(stdout);
        data++, bss++, stack++, ++*heap, map[0]++;
    }
    return 0;
}
